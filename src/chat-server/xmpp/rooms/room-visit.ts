import { randomBytes, randomUUID } from "node:crypto";
import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { Affiliation, type Occupant } from "../../../../gen/doorman/v1/room_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import type { Connection } from "../connection/connection.js";
import type { IqClient } from "../connection/iq.js";
import { noAnswer } from "../connection/no-answer.js";
import { Waiters } from "../connection/waiters.js";
import { attribute, type Element, resourceOf } from "../stanzas/stanza.js";
import { readStanzaError } from "../stanzas/stanza-error.js";
import { joinPresence, notLetIn } from "./room-entry.js";
import { RoomOccupants } from "./room-occupants.js";
import { type RoomPresence, readRoomPresence } from "./room-presence.js";

const JOIN_TIMEOUT_MS = 10_000;
const LEAVE_TIMEOUT_MS = 5_000;
const MAX_NICKNAMES_TRIED = 5;

/** A visit is for several callers, none of whom ends it. */
const PATIENT = new AbortController().signal;

/** One stay of Doorman in a room, from its joining to its leaving. It knows who is there. */
export class RoomVisit {
  readonly roomJid: string;
  readonly #connection: Connection;
  readonly #iq: IqClient;
  readonly #occupants = new RoomOccupants();
  readonly #waiters = new Waiters();
  #nickname: string;
  /** Empty: none was needed. */
  #password = "";
  #joinId = "";
  #refusal: Element | undefined;
  #state: "outside" | "joining" | "joined" | "leaving" | "ended" = "outside";
  #endError: Error | undefined;
  /** Whether joining has created the room. */
  created = false;

  constructor(connection: Connection, iq: IqClient, roomJid: string, nickname: string) {
    this.#connection = connection;
    this.#iq = iq;
    this.roomJid = roomJid;
    this.#nickname = nickname;
  }

  get ended(): boolean {
    return this.#state === "ended";
  }

  /** Whether Doorman is in the room and nobody else. */
  get isAlone(): boolean {
    return this.#state === "joined" && this.occupants.size === 1;
  }

  /** Doorman's own nickname in the room. */
  get nickname(): string {
    return this.#nickname;
  }

  /** Doorman's occupant JID. */
  get occupantJid(): string {
    return `${this.roomJid}/${this.#nickname}`;
  }

  /** Whether Doorman is shown as an owner, who sees everybody's real JID and may kick everybody. */
  get isOwner(): boolean {
    return this.occupants.get(this.#nickname)?.affiliation === Affiliation.OWNER;
  }

  /** Everybody who is there, Doorman too. */
  get occupants(): ReadonlyMap<string, Occupant> {
    return this.#occupants.byNickname;
  }

  /**
   * Enters the room (XEP-0045 section 7.2) and returns when everybody who is there is known.
   * @param readPassword is asked for the room's password when the room wants one; empty: not known
   */
  async join(readPassword: () => Promise<string>): Promise<void> {
    this.#state = "joining";
    const preferred = this.#nickname;
    for (let tried = 1; this.#isJoining(); tried++) {
      await this.#iq.outstanding.run(`enter ${this.roomJid}`, PATIENT, () => this.#knock());
      if (this.#refusal === undefined) continue;
      const stanza = readStanzaError(this.#refusal);
      if (stanza.condition === "not-authorized" && this.#password === "") {
        this.#password = await readPassword();
        if (this.#password !== "") continue;
      }
      // Somebody else has that nickname.
      if (stanza.condition !== "conflict" || tried === MAX_NICKNAMES_TRIED) {
        this.#end(notLetIn(this.roomJid, stanza));
        break;
      }
      this.#nickname = `${preferred}-${randomBytes(3).toString("hex")}`;
    }
    if (this.#endError !== undefined) throw this.#endError;
  }

  /** Asks to be let in, and returns when there is an answer, or the visit is over. */
  async #knock(): Promise<void> {
    if (!this.#isJoining()) return;
    this.#refusal = undefined;
    this.#joinId = randomUUID();
    this.#connection.send(joinPresence(this.occupantJid, this.#joinId, this.#password));
    await this.#waiters.until(
      () => !this.#isJoining() || this.#refusal !== undefined,
      undefined,
      JOIN_TIMEOUT_MS,
      () => noAnswer(`let Doorman into ${this.roomJid}`, "it did not answer in time"),
    );
  }

  /** Leaves the room and returns when Doorman is out, or cannot tell. */
  async leave(): Promise<void> {
    const inside = this.#state === "joining" || this.#state === "joined";
    this.#state = inside ? "leaving" : "ended";
    if (!inside) return;
    try {
      this.#connection.send(xml("presence", { to: this.occupantJid, type: "unavailable" }));
      await this.#waiters.until(
        () => this.ended,
        undefined,
        LEAVE_TIMEOUT_MS,
        () => new Error(),
      );
    } catch {
      // Out by a lost connection, or the server never said.
    }
    this.#end(noAnswer(`let Doorman stay in ${this.roomJid}`, "Doorman has left"));
  }

  /** Tells whether an occupant of this visit is still there, under whatever nickname. */
  has(occupant: Occupant): boolean {
    return this.#occupants.has(occupant);
  }

  /** Waits until something has become true of those who are there. @throws what `late` makes, or why the visit ended */
  async until(
    isTrue: () => boolean,
    signal: AbortSignal,
    timeoutMs: number,
    late: () => Error,
  ): Promise<void> {
    await this.#waiters.until(isTrue, signal, timeoutMs, late);
  }

  /** Ends the visit because Doorman is not there any more. @param why "the connection was lost" */
  lost(why: string): void {
    this.#end(noAnswer(`keep Doorman in ${this.roomJid}`, why));
  }

  /** Takes a presence that came from the room. */
  onPresence(stanza: Element): void {
    if (this.#state === "outside" || this.#state === "ended") return;
    const type = attribute(stanza, "type");
    const nickname = resourceOf(attribute(stanza, "from"));
    if (type === "error") {
      const isAnswer = attribute(stanza, "id") === this.#joinId || nickname === this.#nickname;
      if (this.#isJoining() && isAnswer) this.#refusal = stanza;
    } else if (type === "" || type === "unavailable") {
      // ejabberd sends presence of the room itself, which is nobody's.
      if (nickname === "") return;
      this.#onOccupant(readRoomPresence(stanza));
    }
    this.#waiters.wake();
  }

  #onOccupant(presence: RoomPresence): void {
    const { nickname, available, isSelf, newNickname } = presence;
    this.#occupants.take(presence);
    if (available) {
      if (!isSelf) return;
      // A server may have changed the nickname (status 210).
      this.#nickname = nickname;
      this.created ||= presence.created;
      if (this.#isJoining()) this.#state = "joined";
    } else if (isSelf || nickname === this.#nickname) {
      if (newNickname !== "") this.#nickname = newNickname;
      else this.#end(this.#removed(presence));
    }
  }

  #removed({ destroyed }: RoomPresence): Error {
    return destroyed
      ? new DoormanError(ErrorReason.ROOM_NOT_FOUND, `The room ${this.roomJid} was destroyed`)
      : noAnswer(`keep Doorman in ${this.roomJid}`, "Doorman was removed from the room");
  }

  #isJoining(): boolean {
    return this.#state === "joining";
  }

  #end(error: Error): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#endError = error;
    this.#waiters.wake();
    this.#waiters.fail(error);
  }
}
