import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { before } from "../../../waiting/before.js";
import { requireCaller } from "../../../waiting/not-begun.js";
import type { Connection } from "../connection/connection.js";
import type { IqClient } from "../connection/iq.js";
import { noAnswer } from "../connection/no-answer.js";
import { discoverInfo } from "../stanzas/service-discovery.js";
import { attribute, bareOf } from "../stanzas/stanza.js";
import { listAffiliated } from "./room-affiliations.js";
import { NS_MUC_OWNER, readRoomPassword } from "./room-entry.js";
import type { RoomOwnership } from "./room-ownership.js";
import { RoomVisit } from "./room-visit.js";
import { isStillInside } from "./self-ping.js";

/** Entering a room and, when there was a visit before, the end of that one. */
const ENTER_TIMEOUT_MS = 30_000;
/** How many rooms Doorman stays in with nothing to do there. */
const MAX_IDLE = 100;

interface SharedVisit {
  readonly visit: RoomVisit;
  /** Answers what gives up the ownership that the visit may have needed. */
  entered: Promise<() => void>;
  users: number;
  /** Those who wait to hear whether Doorman is still inside share one question. */
  checking: Promise<boolean> | undefined;
  /** Whether ownership was asked for and cannot be had. */
  ownershipRefused: boolean;
  /** Ends the stay of a visit without users. */
  idle: NodeJS.Timeout | undefined;
}

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
 * calls costs one join. Calls for one room share one visit; who comes while Doorman leaves waits until
 * it is out.
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
      this.#present.get(bareOf(attribute(stanza, "from")))?.onPresence(stanza);
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
      await this.#entered(shared, signal);
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
      await this.#entered(current, signal);
      current.checking ??= this.#check(current).finally(() => {
        current.checking = undefined;
      });
      const inside = await before(current.checking, signal, ENTER_TIMEOUT_MS, () =>
        this.#options.iq.outstanding.overdue(`enter ${roomJid}`, () =>
          noAnswer(`say whether Doorman is in ${roomJid}`, "it did not answer in time"),
        ),
      );
      if (inside) return current;
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
    const { connection, iq, nickname } = this.#options;
    const visit = new RoomVisit(connection, iq, roomJid, nickname);
    const shared: SharedVisit = {
      visit,
      entered: this.#enter(visit, this.#leaving.get(roomJid)),
      users: 1,
      checking: undefined,
      ownershipRefused: false,
      idle: undefined,
    };
    this.#shared.set(roomJid, shared);
    // The next call tries anew, and everybody who waits for this one may have given up before.
    shared.entered.catch(() => this.#forget(shared));
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
    const stays = stayMs > 0 && !shared.visit.ended && this.#isCurrent(shared);
    if (!stays) {
      this.#leave(shared);
      return;
    }
    shared.idle = setTimeout(() => this.#leave(shared), stayMs);
    this.#idle.add(shared);
    const [longest] = this.#idle;
    if (this.#idle.size > MAX_IDLE && longest !== undefined) this.#leave(longest);
  }

  async #entered({ visit, entered }: SharedVisit, signal: AbortSignal): Promise<void> {
    const { roomJid } = visit;
    await before(entered, signal, ENTER_TIMEOUT_MS, () =>
      this.#options.iq.outstanding.overdue(`enter ${roomJid}`, () =>
        noAnswer(`let Doorman into ${roomJid}`, "it did not answer in time"),
      ),
    );
  }

  /** Tells whether Doorman is inside, and sees to it that it is still an owner. */
  async #check(shared: SharedVisit): Promise<boolean> {
    const { visit } = shared;
    const { signal } = new AbortController();
    const inside = await isStillInside(this.#options.iq, visit.occupantJid, signal);
    if (visit.ended) return false;
    if (!inside) {
      visit.lost("Doorman was not in the room any more");
      return false;
    }
    if (!visit.isOwner && !shared.ownershipRefused) {
      shared.ownershipRefused = !(await this.#options.ownership.gain(visit.roomJid, signal));
    }
    return !visit.ended;
  }

  async #enter(visit: RoomVisit, previous: Promise<void> | undefined): Promise<() => void> {
    await previous;
    const { iq, ownership } = this.#options;
    const { roomJid } = visit;
    const { signal } = new AbortController();
    const release = await ownership.hold(roomJid, signal);
    try {
      // A join would create a room that is not there.
      const info = await discoverInfo(iq, roomJid, signal);
      if (info === undefined) throw noSuchRoom(roomJid);
      await this.#becomeOwner(roomJid);
      this.#present.set(bareOf(roomJid), visit);
      await visit.join(() => readRoomPassword(iq, roomJid, signal));
      if (visit.created) {
        // The room went away in between: undo what the join made of it.
        await this.#destroy(roomJid);
        throw noSuchRoom(roomJid);
      }
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Before the join, because a room tells real JIDs to its owners as they enter. Where ownership cannot
   * be had the visit goes on: what needs it will be refused in words that say so.
   */
  async #becomeOwner(roomJid: string): Promise<void> {
    const { iq, ownership } = this.#options;
    const { signal } = new AbortController();
    try {
      await ownership.during(roomJid, signal, () => listAffiliated(iq, roomJid, "owner", signal));
    } catch (error) {
      const isRefused =
        error instanceof DoormanError && error.reason === ErrorReason.SERVER_REFUSED;
      if (!isRefused) throw error;
    }
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

  async #finish({ visit, entered }: SharedVisit, previous: Promise<void> | undefined) {
    // A join that is under way must not land after the leave.
    const release = await entered.catch(() => () => {});
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

  async #destroy(roomJid: string): Promise<void> {
    await this.#options.iq.request({
      type: "set",
      to: roomJid,
      payload: xml("query", { xmlns: NS_MUC_OWNER }, xml("destroy")),
      task: `take back the room ${roomJid}`,
      signal: new AbortController().signal,
    });
  }
}

export function noSuchRoom(roomJid: string): DoormanError {
  return new DoormanError(ErrorReason.ROOM_NOT_FOUND, `There is no room ${roomJid}`);
}
