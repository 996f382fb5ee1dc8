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
import type { RoomOwnership } from "./room-ownership.js";
import { RoomVisit } from "./room-visit.js";

/** Entering a room and, when there was a visit before, the end of that one. */
const ENTER_TIMEOUT_MS = 30_000;
/** XEP-0045 section 10.9. */
const NS_MUC_OWNER = "http://jabber.org/protocol/muc#owner";

interface SharedVisit {
  visit: RoomVisit;
  /** Answers what gives up the ownership that the visit may have needed. */
  entered: Promise<() => void>;
  users: number;
}

export interface RoomVisitsOptions {
  connection: Connection;
  iq: IqClient;
  ownership: RoomOwnership;
  /** What Doorman is called in rooms, unless somebody there has that nickname. */
  nickname: string;
}

/**
 * Lets Doorman be in rooms while it has something to do there. Calls for one room share one visit;
 * the last to be done leaves, and who comes next waits until Doorman is out.
 */
export class RoomVisits {
  readonly #connection: Connection;
  readonly #iq: IqClient;
  readonly #ownership: RoomOwnership;
  readonly #nickname: string;
  /** By room: the visit that new calls share, who still leaves, and who hears the room's presences. */
  readonly #shared = new Map<string, SharedVisit>();
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #present = new Map<string, RoomVisit>();

  constructor({ connection, iq, ownership, nickname }: RoomVisitsOptions) {
    this.#connection = connection;
    this.#iq = iq;
    this.#ownership = ownership;
    this.#nickname = nickname;
    connection.on("stanza", (stanza) => {
      if (stanza.name !== "presence") return;
      this.#present.get(bareOf(attribute(stanza, "from")))?.onPresence(stanza);
    });
    connection.on("end", () => {
      for (const visit of this.#present.values()) visit.connectionLost();
    });
  }

  /**
   * Does some work in a room.
   * @throws ROOM_NOT_FOUND, and what entering the room throws
   */
  async during<T>(
    roomJid: string,
    signal: AbortSignal,
    work: (visit: RoomVisit) => Promise<T>,
  ): Promise<T> {
    this.#connection.requireOnline();
    requireCaller(`enter ${roomJid}`, signal);
    const shared = this.#share(roomJid);
    shared.users += 1;
    try {
      await before(shared.entered, signal, ENTER_TIMEOUT_MS, () =>
        noAnswer(`let Doorman into ${roomJid}`, "it did not answer in time"),
      );
      return await work(shared.visit);
    } finally {
      shared.users -= 1;
      if (shared.users === 0) this.#leave(roomJid, shared);
    }
  }

  /** Leaves all rooms. */
  async close(): Promise<void> {
    for (const [roomJid, shared] of this.#shared) this.#leave(roomJid, shared);
    await Promise.all(this.#leaving.values());
  }

  #share(roomJid: string): SharedVisit {
    const current = this.#shared.get(roomJid);
    if (current !== undefined && !current.visit.ended) return current;
    const visit = new RoomVisit(this.#connection, roomJid, this.#nickname);
    const entered = this.#enter(visit, this.#leaving.get(roomJid));
    const shared = { visit, entered, users: 0 };
    this.#shared.set(roomJid, shared);
    // The next call tries anew, and everybody who waits for this one may have given up before.
    entered.catch(() => this.#forget(roomJid, shared));
    return shared;
  }

  async #enter(visit: RoomVisit, previous: Promise<void> | undefined): Promise<() => void> {
    await previous;
    const { roomJid } = visit;
    const { signal } = new AbortController();
    const release = await this.#ownership.hold(roomJid, signal);
    try {
      // A join would create a room that is not there.
      const info = await discoverInfo(this.#iq, roomJid, signal);
      if (info === undefined) throw noSuchRoom(roomJid);
      await this.#becomeOwner(roomJid);
      this.#present.set(bareOf(roomJid), visit);
      await visit.join();
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
    const { signal } = new AbortController();
    try {
      await this.#ownership.during(roomJid, signal, () =>
        listAffiliated(this.#iq, roomJid, "owner", signal),
      );
    } catch (error) {
      const isRefused =
        error instanceof DoormanError && error.reason === ErrorReason.SERVER_REFUSED;
      if (!isRefused) throw error;
    }
  }

  #leave(roomJid: string, shared: SharedVisit): void {
    this.#forget(roomJid, shared);
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

  #forget(roomJid: string, shared: SharedVisit): void {
    if (this.#shared.get(roomJid) === shared) this.#shared.delete(roomJid);
  }

  async #destroy(roomJid: string): Promise<void> {
    await this.#iq.request({
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
