import { before } from "../../../waiting/before.js";
import type { IqClient } from "../connection/iq.js";
import { noAnswer } from "../connection/no-answer.js";
import type { RoomOwnership } from "./room-ownership.js";
import type { RoomVisit } from "./room-visit.js";
import { isStillInside } from "./self-ping.js";

/** Entering a room and, when there was a visit before, the end of that one. */
const ENTER_TIMEOUT_MS = 30_000;

/** None of those who share a visit ends what is asked for all of them. */
const PATIENT = new AbortController().signal;

/** One visit that all calls for its room share. */
export class SharedVisit {
  readonly visit: RoomVisit;
  /** Answers what gives up the ownership that the visit may have needed. */
  readonly entering: Promise<() => void>;
  /** How many calls use it. */
  users = 1;
  /** Ends the stay of a visit without users. */
  idle: NodeJS.Timeout | undefined;
  readonly #iq: IqClient;
  readonly #ownership: RoomOwnership;
  /** Those who wait to hear whether Doorman is still inside share one question. */
  #checking: Promise<boolean> | undefined;
  /** Whether ownership was asked for and cannot be had. */
  #ownershipRefused = false;

  constructor(
    iq: IqClient,
    ownership: RoomOwnership,
    visit: RoomVisit,
    entering: Promise<() => void>,
  ) {
    this.#iq = iq;
    this.#ownership = ownership;
    this.visit = visit;
    this.entering = entering;
  }

  /** Waits until Doorman is in the room. @throws why it could not enter */
  async entered(signal: AbortSignal): Promise<void> {
    const { roomJid } = this.visit;
    await this.#inTime(this.entering, signal, `let Doorman into ${roomJid}`);
  }

  /** Tells whether Doorman, who has entered, is inside, and sees to it that it is still an owner. */
  async isInside(signal: AbortSignal): Promise<boolean> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    const { roomJid } = this.visit;
    return await this.#inTime(this.#checking, signal, `say whether Doorman is in ${roomJid}`);
  }

  async #check(): Promise<boolean> {
    const { visit } = this;
    const inside = await isStillInside(this.#iq, visit.occupantJid, PATIENT);
    if (visit.ended) return false;
    if (!inside) {
      visit.lost("Doorman was not in the room any more");
      return false;
    }
    if (!visit.isOwner && !this.#ownershipRefused) {
      this.#ownershipRefused = !(await this.#ownership.gain(visit.roomJid, PATIENT));
    }
    return !visit.ended;
  }

  /** @param what the server is to do: "let Doorman into room@chat.example.org" */
  async #inTime<T>(promise: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
    return await before(promise, signal, ENTER_TIMEOUT_MS, () =>
      this.#iq.outstanding.overdue(`enter ${this.visit.roomJid}`, () =>
        noAnswer(what, "it did not answer in time"),
      ),
    );
  }
}
