import { requireCaller } from "../../../waiting/not-begun.js";
import type { Connection } from "../connection/connection.js";
import type { IqClient } from "../connection/iq.js";
import { attribute, bareOf } from "../stanzas/stanza.js";
import { enterRoom } from "./enter-room.js";
import type { RoomOwnership } from "./room-ownership.js";
import { RoomVisit } from "./room-visit.js";
import { SharedVisit } from "./shared-visit.js";

/** How many rooms Doorman stays in with nothing to do there. */
const MAX_IDLE = 100;

export interface RoomVisitsOptions {
  connection: Connection;
  iq: IqClient;
  ownership: RoomOwnership;
  /** What Doorman is called in rooms, unless somebody there has that nickname. */
  nickname: string;
  /** How long Doorman stays after the last work in a room; 0: not at all. */
  stayMs: number;
}

/**
 * Lets Doorman be in rooms while it has something to do there, and a little longer, so that a series of
 * calls costs one join; though not alone, since some rooms are there for as long as somebody is in them.
 * Calls for one room share one visit; who comes while Doorman leaves waits until it is out.
 */
export class RoomVisits {
  readonly #options: RoomVisitsOptions;
  /** By room: the visit that new calls share, who still leaves, and who hears the room's presences. */
  readonly #shared = new Map<string, SharedVisit>();
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #present = new Map<string, RoomVisit>();
  /** Visits without users, the longest idle first. */
  readonly #idle = new Set<SharedVisit>();

  constructor(options: RoomVisitsOptions) {
    this.#options = options;
    options.connection.on("stanza", (stanza) => {
      if (stanza.name !== "presence") return;
      const visit = this.#present.get(bareOf(attribute(stanza, "from")));
      visit?.onPresence(stanza);
      const shared = visit && this.#shared.get(visit.roomJid);
      if (shared?.visit.isAlone && shared.users === 0) this.#leave(shared);
    });
    options.connection.on("end", () => {
      for (const visit of this.#present.values()) visit.lost("the connection was lost");
    });
  }

  /**
   * Does some work in a room. What the visit knows is true when the work begins.
   * @throws ROOM_NOT_FOUND, and what entering the room throws
   */
  async during<T>(
    roomJid: string,
    signal: AbortSignal,
    work: (visit: RoomVisit) => Promise<T>,
  ): Promise<T> {
    this.#options.connection.requireOnline();
    requireCaller(`enter ${roomJid}`, signal);
    const shared = await this.#use(roomJid, signal);
    try {
      await shared.entered(signal);
      return await work(shared.visit);
    } finally {
      this.#unuse(shared);
    }
  }

  /** Leaves all rooms. */
  async close(): Promise<void> {
    for (const shared of this.#shared.values()) this.#leave(shared);
    await Promise.all(this.#leaving.values());
  }

  /** Answers a visit that is under way, or begins one. Is to be followed by #unuse. */
  async #use(roomJid: string, signal: AbortSignal): Promise<SharedVisit> {
    const current = this.#shared.get(roomJid);
    if (current === undefined || current.visit.ended) return this.#begin(roomJid);
    this.#take(current);
    try {
      await current.entered(signal);
      if (await current.isInside(signal)) return current;
    } catch (error) {
      this.#unuse(current);
      throw error;
    }
    this.#unuse(current);
    const other = this.#shared.get(roomJid);
    if (other === undefined || other.visit.ended) return this.#begin(roomJid);
    // Somebody else came in at the same time.
    this.#take(other);
    return other;
  }

  #begin(roomJid: string): SharedVisit {
    const former = this.#shared.get(roomJid);
    if (former?.users === 0) this.#leave(former);
    const { connection, iq, ownership, nickname } = this.#options;
    const visit = new RoomVisit(connection, iq, roomJid, nickname);
    const entering = this.#enter(visit, this.#leaving.get(roomJid));
    const shared = new SharedVisit(iq, ownership, visit, entering);
    this.#shared.set(roomJid, shared);
    // The next call tries anew, and everybody who waits for this one may have given up before.
    entering.catch(() => this.#forget(shared));
    return shared;
  }

  #take(shared: SharedVisit): void {
    shared.users += 1;
    clearTimeout(shared.idle);
    this.#idle.delete(shared);
  }

  #unuse(shared: SharedVisit): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    const { stayMs } = this.#options;
    const { ended, isAlone } = shared.visit;
    const stays = stayMs > 0 && !ended && !isAlone && this.#isCurrent(shared);
    if (!stays) {
      this.#leave(shared);
      return;
    }
    shared.idle = setTimeout(() => this.#leave(shared), stayMs);
    this.#idle.add(shared);
    const [longest] = this.#idle;
    if (this.#idle.size > MAX_IDLE && longest !== undefined) this.#leave(longest);
  }

  async #enter(visit: RoomVisit, previous: Promise<void> | undefined): Promise<() => void> {
    await previous;
    const { iq, ownership } = this.#options;
    return await enterRoom(iq, ownership, visit, () => {
      this.#present.set(bareOf(visit.roomJid), visit);
    });
  }

  #leave(shared: SharedVisit): void {
    const { roomJid } = shared.visit;
    clearTimeout(shared.idle);
    this.#idle.delete(shared);
    this.#forget(shared);
    const left = this.#finish(shared, this.#leaving.get(roomJid)).finally(() => {
      if (this.#leaving.get(roomJid) === left) this.#leaving.delete(roomJid);
    });
    this.#leaving.set(roomJid, left);
  }

  async #finish({ visit, entering }: SharedVisit, previous: Promise<void> | undefined) {
    // A join that is under way must not land after the leave.
    const release = await entering.catch(() => () => {});
    await visit.leave();
    const key = bareOf(visit.roomJid);
    if (this.#present.get(key) === visit) this.#present.delete(key);
    release();
    await previous;
  }

  #isCurrent(shared: SharedVisit): boolean {
    return this.#shared.get(shared.visit.roomJid) === shared;
  }

  #forget(shared: SharedVisit): void {
    if (this.#isCurrent(shared)) this.#shared.delete(shared.visit.roomJid);
  }
}
