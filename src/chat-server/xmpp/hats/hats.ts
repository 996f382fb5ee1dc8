import pMap from "p-map";
import type { HatAttachment } from "../../../../gen/doorman/v1/hat_pb.js";
import { KeyedLock } from "../../../waiting/keyed-lock.js";
import type { ChatHats } from "../../chat-hats.js";
import type { HatLedger } from "../../hat-ledger.js";
import type { IqClient } from "../connection/iq.js";
import { noSuchRoom } from "../rooms/no-such-room.js";
import { listAffiliated } from "../rooms/room-affiliations.js";
import type { RoomOwnership } from "../rooms/room-ownership.js";
import type { RoomVisits } from "../rooms/room-visits.js";
import { discoverInfo } from "../stanzas/service-discovery.js";
import { bareOf } from "../stanzas/stanza.js";
import { HatChange } from "./hat-change.js";
import { type HatDialect, notAffiliated, type Wearer } from "./hat-dialect.js";
import type { HatDialects } from "./hat-dialects.js";
import { HatsInPresence } from "./hats-in-presence.js";
import { mergeHats } from "./merge-hats.js";
import { lacksFeature } from "./no-hats.js";
import { settleHats } from "./settle-hats.js";

const SETTLED_AT_ONCE = 4;

export interface HatDependencies {
  iq: IqClient;
  ownership: RoomOwnership;
  ledger: HatLedger;
  dialects: HatDialects;
  visits: RoomVisits;
}

/**
 * Hats by the ad-hoc commands that servers have for them. None can hold an inactive or a required one,
 * and some list none: Doorman's ledger does what the server cannot.
 */
export class XmppHats implements ChatHats {
  readonly #iq: IqClient;
  readonly #ownership: RoomOwnership;
  readonly #ledger: HatLedger;
  readonly #dialects: HatDialects;
  readonly #presence: HatsInPresence;
  /** Keeps the ledger and the server in step when two calls change the same. */
  readonly #lock = new KeyedLock();

  constructor({ iq, ownership, ledger, dialects, visits }: HatDependencies) {
    this.#iq = iq;
    this.#ownership = ownership;
    this.#ledger = ledger;
    this.#dialects = dialects;
    this.#presence = new HatsInPresence(visits);
  }

  async get(
    roomJid: string,
    userJid: string,
    signal: AbortSignal,
  ): Promise<Map<string, HatAttachment>> {
    const wearer = { roomJid, userJid };
    await this.#requireAffiliated(wearer, signal);
    return await this.#speaking(roomJid, signal, async (dialect) => {
      const open = await this.#ledger.open.list(roomJid, userJid);
      if (open.size > 0) return await this.#settle(wearer, dialect, signal);
      const shown = await dialect.list(roomJid, signal);
      const ledger = await this.#ledger.list(roomJid, userJid);
      return mergeHats(shown && (shown.get(userJid) ?? new Map()), ledger);
    });
  }

  async list(
    roomJid: string,
    signal: AbortSignal,
  ): Promise<Map<string, Map<string, HatAttachment>>> {
    const affiliated = await this.#affiliated(roomJid, signal);
    return await this.#speaking(roomJid, signal, async (dialect) => {
      const shown = await dialect.list(roomJid, signal);
      const ledger = await this.#ledger.listRoom(roomJid);
      const users = new Map<string, Map<string, HatAttachment>>();
      for (const userJid of new Set([...(shown?.keys() ?? []), ...ledger.keys()])) {
        const given = affiliated.has(userJid) ? ledger.get(userJid) : undefined;
        users.set(
          userJid,
          mergeHats(shown && (shown.get(userJid) ?? new Map()), given ?? new Map()),
        );
      }
      const open = await this.#ledger.open.listRoom(roomJid);
      const unsure = [...open.keys()].filter((userJid) => affiliated.has(userJid));
      const settle = async (userJid: string) => {
        users.set(userJid, await this.#settle({ roomJid, userJid }, dialect, signal));
      };
      await pMap(unsure, settle, { concurrency: SETTLED_AT_ONCE });
      return new Map([...users].filter(([, hats]) => hats.size > 0));
    });
  }

  async put(
    roomJid: string,
    userJid: string,
    hatId: string,
    attachment: HatAttachment,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#change({ roomJid, userJid }, signal, (change) => change.put(hatId, attachment));
  }

  async remove(
    roomJid: string,
    userJid: string,
    hatId: string,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#change({ roomJid, userJid }, signal, (change) => change.remove(hatId));
  }

  async replaceAll(
    roomJid: string,
    userJid: string,
    hats: ReadonlyMap<string, HatAttachment>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#change({ roomJid, userJid }, signal, (change) => change.replaceAll(hats));
  }

  async #change(
    wearer: Wearer,
    signal: AbortSignal,
    work: (change: HatChange) => Promise<void>,
  ): Promise<void> {
    const { roomJid, userJid } = wearer;
    const task = `change the hats of ${userJid} in ${roomJid}`;
    await this.#lock.run(lockKey(wearer), task, signal, async () => {
      await this.#requireAffiliated(wearer, signal);
      const parts = { ledger: this.#ledger, presence: this.#presence, wearer, signal };
      await this.#speaking(roomJid, signal, (dialect) =>
        work(new HatChange({ ...parts, dialect })),
      );
    });
  }

  /**
   * Answers a user's hats when some of them may have changed unseen, and finds out whether they have.
   * Where that cannot be seen they are as they were last known.
   */
  async #settle(
    wearer: Wearer,
    dialect: HatDialect,
    signal: AbortSignal,
  ): Promise<Map<string, HatAttachment>> {
    const { roomJid, userJid } = wearer;
    const task = `see the hats of ${userJid} in ${roomJid}`;
    return await this.#lock.run(lockKey(wearer), task, signal, async () => {
      const listed = await dialect.list(roomJid, signal);
      const shown =
        listed === undefined
          ? await this.#presence.look(wearer, signal)
          : (listed.get(userJid) ?? new Map<string, string>());
      if (shown === undefined) return await this.#ledger.list(roomJid, userJid);
      const settled = await settleHats(this.#ledger, wearer, shown);
      return listed === undefined ? settled : mergeHats(shown, settled);
    });
  }

  /** Does some work in the dialect of a room, which is asked for anew when the server does not know it any more. */
  async #speaking<T>(
    roomJid: string,
    signal: AbortSignal,
    work: (dialect: HatDialect) => Promise<T>,
  ): Promise<T> {
    const dialect = await this.#dialects.find(roomJid, signal);
    try {
      return await work(dialect);
    } catch (error) {
      if (lacksFeature(error)) this.#dialects.forget(roomJid);
      throw error;
    }
  }

  /** Hats go with the affiliation, so the ledger forgets them when that is gone. */
  async #requireAffiliated({ roomJid, userJid }: Wearer, signal: AbortSignal): Promise<void> {
    if ((await this.#affiliated(roomJid, signal)).has(bareOf(userJid))) return;
    await this.#ledger.forgetUser(roomJid, userJid);
    throw notAffiliated(roomJid, userJid);
  }

  /** Lists a room's members, admins and owners. Hats go with the room too. */
  async #affiliated(roomJid: string, signal: AbortSignal): Promise<Set<string>> {
    const info = await discoverInfo(this.#iq, roomJid, signal);
    if (info === undefined) {
      await this.#ledger.forgetRoom(roomJid);
      throw noSuchRoom(roomJid);
    }
    const lists = await this.#ownership.during(roomJid, signal, () =>
      Promise.all(
        ["owner", "admin", "member"].map((affiliation) =>
          listAffiliated(this.#iq, roomJid, affiliation, signal),
        ),
      ),
    );
    return new Set(lists.flatMap((jids) => [...jids]));
  }
}

function lockKey({ roomJid, userJid }: Wearer): string {
  return `${roomJid} ${userJid}`;
}
