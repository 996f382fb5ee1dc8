import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import type { HatAttachment } from "../../../gen/doorman/v1/hat_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";
import type { ChatHats } from "../chat-server.js";
import type { HatLedger } from "../hat-ledger.js";
import { type Answer, runCommand } from "./ad-hoc-command.js";
import type { IqClient } from "./iq.js";
import { KeyedLock } from "./keyed-lock.js";
import { isAffiliated } from "./room-affiliations.js";
import { noSuchRoom } from "./room-visits.js";
import { discoverInfo } from "./service-discovery.js";
import { isRefusal } from "./stanza-error.js";

/**
 * Hats by the ad-hoc commands that come with XEP-0317. They can neither list hats nor hold an
 * inactive one: Doorman's ledger does both, and the server has the active ones.
 */
export class XmppHats implements ChatHats {
  readonly #iq: IqClient;
  readonly #ledger: HatLedger;
  /** Keeps the ledger and the server in step when two calls change the same. */
  readonly #lock = new KeyedLock();

  constructor(iq: IqClient, ledger: HatLedger) {
    this.#iq = iq;
    this.#ledger = ledger;
  }

  async get(
    roomJid: string,
    userJid: string,
    signal: AbortSignal,
  ): Promise<Map<string, HatAttachment>> {
    await this.#requireAffiliated(roomJid, userJid, signal);
    return await this.#ledger.list(roomJid, userJid);
  }

  async put(
    roomJid: string,
    userJid: string,
    hatId: string,
    attachment: HatAttachment,
    signal: AbortSignal,
  ): Promise<void> {
    const hat = { roomJid, userJid, hatId, signal };
    await this.#change(hat, async (former) => {
      if (attachment.active) await this.#show(hat, former, attachment);
      else if (former === undefined || former.active) await this.#send("remove", hat, []);
      await this.#ledger.put(roomJid, userJid, hatId, attachment);
    });
  }

  async remove(
    roomJid: string,
    userJid: string,
    hatId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const hat = { roomJid, userJid, hatId, signal };
    await this.#change(hat, async (former) => {
      // One that the ledger does not know may have been given by somebody else.
      if (former === undefined || former.active) await this.#send("remove", hat, []);
      await this.#ledger.remove(roomJid, userJid, hatId);
    });
  }

  async #change(
    { roomJid, userJid, hatId, signal }: Hat,
    change: (former: HatAttachment | undefined) => Promise<void>,
  ): Promise<void> {
    const task = `change the hats of ${userJid} in ${roomJid}`;
    await this.#lock.run(`${roomJid} ${userJid}`, task, signal, async () => {
      await this.#requireAffiliated(roomJid, userJid, signal);
      await change((await this.#ledger.list(roomJid, userJid)).get(hatId));
    });
  }

  /** Writes the ledger first, so that no hat can be on the server that the ledger does not know. */
  async #show(
    hat: Hat,
    former: HatAttachment | undefined,
    attachment: HatAttachment,
  ): Promise<void> {
    const { roomJid, userJid, hatId } = hat;
    await this.#ledger.put(roomJid, userJid, hatId, attachment);
    try {
      const title = { fields: ["title", "hat_title", "hats#title"], value: attachment.title };
      await this.#send("add", hat, [title]);
    } catch (error) {
      const unknown =
        error instanceof DoormanError && error.reason === ErrorReason.SERVER_NO_ANSWER;
      if (unknown) throw error;
      if (former === undefined) await this.#ledger.remove(roomJid, userJid, hatId);
      else await this.#ledger.put(roomJid, userJid, hatId, former);
      throw error;
    }
  }

  async #send(action: "add" | "remove", hat: Hat, more: readonly Answer[]): Promise<void> {
    const { roomJid, userJid, hatId, signal } = hat;
    try {
      await runCommand(this.#iq, {
        to: domainOf(roomJid),
        node: `http://prosody.im/protocol/hats#${action}`,
        task: `${action} the hat ${hatId} of ${userJid} in ${roomJid}`,
        whenMissing: "In Prosody, load mod_muc_hats_adhoc on the MUC component.",
        answers: [
          { fields: ["user", "jid", "hats#jid"], value: userJid },
          { fields: ["room"], value: roomJid },
          { fields: ["uri", "hat_uri", "hats#uri", "hat"], value: hatId },
          ...more,
        ],
        signal,
      });
    } catch (error) {
      throw meaningOf(error, roomJid, userJid);
    }
  }

  async #requireAffiliated(roomJid: string, userJid: string, signal: AbortSignal): Promise<void> {
    const info = await discoverInfo(this.#iq, roomJid, signal);
    if (info === undefined) throw noSuchRoom(roomJid);
    if (!(await isAffiliated(this.#iq, roomJid, userJid, signal))) {
      throw notAffiliated(roomJid, userJid);
    }
  }
}

interface Hat {
  roomJid: string;
  userJid: string;
  hatId: string;
  signal: AbortSignal;
}

/** The command says in words what has become untrue since Doorman looked. */
function meaningOf(error: unknown, roomJid: string, userJid: string): unknown {
  if (!isRefusal(error, "undefined-condition")) return error;
  const { text } = error.stanza;
  if (/no such room/i.test(text)) return noSuchRoom(roomJid);
  if (/not affiliated/i.test(text)) return notAffiliated(roomJid, userJid);
  return error;
}

function notAffiliated(roomJid: string, userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.USER_NOT_AFFILIATED,
    `${userJid} is not a member, an admin or an owner of ${roomJid}. Make the user a member first.`,
  );
}

function domainOf(jid: string): string {
  return jid.slice(jid.indexOf("@") + 1);
}
