import type { Logger } from "pino";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { before } from "../../../waiting/before.js";
import { NotBegun } from "../../../waiting/not-begun.js";
import type { IqClient } from "../connection/iq.js";
import { isRefusal } from "../stanzas/stanza-error.js";
import { commandAffiliation, ownAffiliation } from "./own-affiliation.js";

/** The longest that becoming an owner takes, or ceasing to be one: a few requests one after another. */
const CHANGE_TIMEOUT_MS = 30_000;

export interface RoomOwnershipOptions {
  iq: IqClient;
  /** The bare JID of Doorman's account. */
  ownJid: string;
  /** Whether what was gained is given back when nothing needs it any more. */
  giveBack: boolean;
  log: Logger;
}

/** Those who need the ownership of one room, and what was done for them. */
interface Need {
  users: number;
  /** The affiliation to give back to Doorman's account; undefined unless it gained ownership. */
  formerly: string | undefined;
  gaining: Promise<boolean> | undefined;
}

/**
 * Makes Doorman's account an owner of rooms where it is none, and takes that back after the last work
 * that needs it. Prosody 13 makes its administrators owners of no room, but lets them become it by an
 * ad-hoc command, without entering the room. Where the account owns the room anyway, or is let in as an
 * owner without being one (ejabberd), nothing is changed.
 */
export class RoomOwnership {
  readonly #options: RoomOwnershipOptions;
  /** By room. */
  readonly #needs = new Map<string, Need>();
  readonly #returning = new Map<string, Promise<void>>();

  constructor(options: RoomOwnershipOptions) {
    this.#options = options;
  }

  /**
   * Does what only an owner of a room may do: once, and again as an owner when the first was refused
   * as forbidden.
   * @throws what the work throws, where ownership cannot be had
   */
  async during<T>(roomJid: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const release = await this.hold(roomJid, signal);
    try {
      return await work();
    } catch (error) {
      if (!isRefusal(error, "forbidden")) throw error;
      if (!(await this.gain(roomJid, signal))) throw error;
      return await work();
    } finally {
      release();
    }
  }

  /**
   * Keeps what is gained from now on until the function that it answers is called.
   * @throws NotBegun
   */
  async hold(roomJid: string, signal: AbortSignal): Promise<() => void> {
    // Who came now would find itself an owner, and lose that a moment later.
    for (let left = this.#returning.get(roomJid); left; left = this.#returning.get(roomJid)) {
      const task = `become an owner of ${roomJid}`;
      const why = "what was done there before it was still under way";
      await before(left, signal, CHANGE_TIMEOUT_MS, () => new NotBegun(task, why));
    }
    const need = this.#needs.get(roomJid) ?? { users: 0, formerly: undefined, gaining: undefined };
    this.#needs.set(roomJid, need);
    need.users += 1;
    let isHeld = true;
    return () => {
      if (isHeld) this.#release(roomJid, need);
      isHeld = false;
    };
  }

  /**
   * Makes Doorman's account an owner. Is called by who holds the room.
   * @returns false where the server has no command for it, or refuses
   */
  async gain(roomJid: string, signal: AbortSignal): Promise<boolean> {
    const need = this.#needs.get(roomJid);
    if (need === undefined) return false;
    // One after another, since the second would take the first's ownership for what was before.
    need.gaining ??= this.#gain(roomJid, need).finally(() => {
      need.gaining = undefined;
    });
    const task = `become an owner of ${roomJid}`;
    const why = "that took too long";
    return await before(need.gaining, signal, CHANGE_TIMEOUT_MS, () => new NotBegun(task, why));
  }

  /** Waits until everything is given back that nobody needs any more. */
  async close(): Promise<void> {
    await Promise.all(this.#returning.values());
  }

  /** It goes on when who asked for it has gone, so that what it gains is known. */
  async #gain(roomJid: string, need: Need): Promise<boolean> {
    const { iq, ownJid, giveBack } = this.#options;
    const { signal } = new AbortController();
    const { formerly } = need;
    try {
      if (giveBack) {
        const affiliation = await ownAffiliation(iq, roomJid, ownJid, signal);
        if (affiliation === "owner") return true;
        need.formerly = affiliation;
      }
      await commandAffiliation(iq, roomJid, ownJid, "owner", signal);
      return true;
    } catch (error) {
      if (!(error instanceof DoormanError) || !NOT_GIVEN.has(error.reason)) throw error;
      need.formerly = formerly;
      return false;
    }
  }

  #release(roomJid: string, need: Need): void {
    need.users -= 1;
    if (need.users > 0) return;
    this.#needs.delete(roomJid);
    if (!this.#options.giveBack) return;
    const returned = this.#return(roomJid, need).finally(() => this.#returning.delete(roomJid));
    this.#returning.set(roomJid, returned);
  }

  async #return(roomJid: string, need: Need): Promise<void> {
    await need.gaining?.catch(() => {});
    const { iq, ownJid, log } = this.#options;
    const { formerly } = need;
    if (formerly === undefined) return;
    const { signal } = new AbortController();
    try {
      // Somebody may have decided otherwise in the meantime, or have destroyed the room.
      if ((await ownAffiliation(iq, roomJid, ownJid, signal)) !== "owner") return;
      await commandAffiliation(iq, roomJid, ownJid, formerly, signal);
      if ((await ownAffiliation(iq, roomJid, ownJid, signal)) !== "owner") return;
      log.warn({ room: roomJid }, "the chat server accepted, but Doorman still owns the room");
    } catch (error) {
      if (isRefusal(error, "item-not-found", "gone")) return;
      const why = (error as Error).message;
      log.warn({ room: roomJid, formerly }, `Doorman stays an owner of the room: ${why}`);
    }
  }
}

const NOT_GIVEN: ReadonlySet<ErrorReason> = new Set([
  ErrorReason.SERVER_REFUSED,
  ErrorReason.SERVER_LACKS_FEATURE,
]);
