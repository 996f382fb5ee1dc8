import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import type { HatAttachment } from "../../../../gen/doorman/v1/hat_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { afterChange } from "../../../waiting/after-change.js";
import { KeyedLock } from "../../../waiting/keyed-lock.js";
import { NotBegun } from "../../../waiting/not-begun.js";
import type { ChatHats } from "../../chat-server.js";
import type { HatLedger } from "../../hat-ledger.js";
import type { IqClient } from "../connection/iq.js";
import { isAffiliated } from "../rooms/room-affiliations.js";
import type { RoomOwnership } from "../rooms/room-ownership.js";
import { noSuchRoom } from "../rooms/room-visits.js";
import { discoverInfo } from "../stanzas/service-discovery.js";
import {
  addHat,
  type HatCommandsAt,
  notAffiliated,
  removeHat,
  type Wearer,
} from "./hat-commands.js";

/**
 * Hats by the ad-hoc commands that come with XEP-0317. They can neither list hats nor hold an
 * inactive one: Doorman's ledger does both, and the server has the active ones.
 */
export class XmppHats implements ChatHats {
  readonly #iq: IqClient;
  readonly #ownership: RoomOwnership;
  readonly #ledger: HatLedger;
  readonly #commandsAt: HatCommandsAt;
  /** Keeps the ledger and the server in step when two calls change the same. */
  readonly #lock = new KeyedLock();

  constructor(
    iq: IqClient,
    ownership: RoomOwnership,
    ledger: HatLedger,
    commandsAt: HatCommandsAt,
  ) {
    this.#iq = iq;
    this.#ownership = ownership;
    this.#commandsAt = commandsAt;
    this.#ledger = ledger;
  }

  async get(
    roomJid: string,
    userJid: string,
    signal: AbortSignal,
  ): Promise<Map<string, HatAttachment>> {
    await this.#requireAffiliated({ roomJid, userJid }, signal);
    return await this.#ledger.list(roomJid, userJid);
  }

  async put(
    roomJid: string,
    userJid: string,
    hatId: string,
    attachment: HatAttachment,
    signal: AbortSignal,
  ): Promise<void> {
    const wearer = { roomJid, userJid };
    await this.#change(wearer, signal, async (current) => {
      await this.#put(wearer, hatId, current.get(hatId), attachment, signal);
    });
  }

  async remove(
    roomJid: string,
    userJid: string,
    hatId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const wearer = { roomJid, userJid };
    await this.#change(wearer, signal, async (current) => {
      await this.#remove(wearer, hatId, current.get(hatId), signal);
    });
  }

  async replaceAll(
    roomJid: string,
    userJid: string,
    hats: ReadonlyMap<string, HatAttachment>,
    signal: AbortSignal,
  ): Promise<void> {
    const wearer = { roomJid, userJid };
    await this.#change(wearer, signal, async (current) => {
      await afterChange(`replace the hats of ${userJid} in ${roomJid}`, async () => {
        // Those that seem unchanged are given again: the server may have forgotten them.
        for (const [hatId, attachment] of hats) {
          const former = current.get(hatId);
          await naming(hatId, this.#put(wearer, hatId, former, attachment, signal));
        }
        for (const [hatId, former] of current) {
          if (!hats.has(hatId)) await naming(hatId, this.#remove(wearer, hatId, former, signal));
        }
      });
    });
  }

  /** @param change is given the hats that the user has */
  async #change(
    wearer: Wearer,
    signal: AbortSignal,
    change: (current: ReadonlyMap<string, HatAttachment>) => Promise<void>,
  ): Promise<void> {
    const { roomJid, userJid } = wearer;
    const task = `change the hats of ${userJid} in ${roomJid}`;
    await this.#lock.run(`${roomJid} ${userJid}`, task, signal, async () => {
      await this.#requireAffiliated(wearer, signal);
      await change(await this.#ledger.list(roomJid, userJid));
    });
  }

  async #put(
    wearer: Wearer,
    hatId: string,
    former: HatAttachment | undefined,
    attachment: HatAttachment,
    signal: AbortSignal,
  ): Promise<void> {
    if (attachment.active) {
      await this.#show(wearer, hatId, former, attachment, signal);
      return;
    }
    if (mayBeShown(former)) await removeHat(this.#iq, this.#commandsAt, wearer, hatId, signal);
    await this.#ledger.put(wearer.roomJid, wearer.userJid, hatId, attachment);
  }

  async #remove(
    wearer: Wearer,
    hatId: string,
    former: HatAttachment | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (mayBeShown(former)) await removeHat(this.#iq, this.#commandsAt, wearer, hatId, signal);
    await this.#ledger.remove(wearer.roomJid, wearer.userJid, hatId);
  }

  /** Writes the ledger first, so that no hat can be on the server that the ledger does not know. */
  async #show(
    wearer: Wearer,
    hatId: string,
    former: HatAttachment | undefined,
    attachment: HatAttachment,
    signal: AbortSignal,
  ): Promise<void> {
    const { roomJid, userJid } = wearer;
    await this.#ledger.put(roomJid, userJid, hatId, attachment);
    try {
      await addHat(this.#iq, this.#commandsAt, wearer, hatId, attachment.title, signal);
    } catch (error) {
      if (mayHaveHappened(error)) throw error;
      if (former === undefined) await this.#ledger.remove(roomJid, userJid, hatId);
      else await this.#ledger.put(roomJid, userJid, hatId, former);
      throw error;
    }
  }

  /** Hats go with the room and with the affiliation, so the ledger forgets them when those are gone. */
  async #requireAffiliated({ roomJid, userJid }: Wearer, signal: AbortSignal): Promise<void> {
    const info = await discoverInfo(this.#iq, roomJid, signal);
    if (info === undefined) {
      await this.#ledger.forgetRoom(roomJid);
      throw noSuchRoom(roomJid);
    }
    const affiliated = await this.#ownership.during(roomJid, signal, () =>
      isAffiliated(this.#iq, roomJid, userJid, signal),
    );
    if (affiliated) return;
    await this.#ledger.forgetUser(roomJid, userJid);
    throw notAffiliated(roomJid, userJid);
  }
}

/** One that the ledger does not know may have been given by somebody else. */
function mayBeShown(former: HatAttachment | undefined): boolean {
  return former === undefined || former.active;
}

function mayHaveHappened(error: unknown): boolean {
  if (!(error instanceof DoormanError) || error instanceof NotBegun) return false;
  return error.reason === ErrorReason.SERVER_NO_ANSWER;
}

/** Adds to a failure which of several hats it was about. */
async function naming(hatId: string, change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!(error instanceof DoormanError)) throw error;
    throw new DoormanError(error.reason, `${hatId}: ${error.message}`, {
      metadata: { ...error.metadata, hat_id: hatId },
      ...(error.stanza && { stanza: error.stanza }),
      cause: error,
    });
  }
}
