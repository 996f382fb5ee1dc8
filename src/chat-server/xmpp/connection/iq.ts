import { randomUUID } from "node:crypto";
import { xml } from "@xmpp/client";
import type { DoormanError } from "../../../errors/doorman-error.js";
import { before } from "../../../waiting/before.js";
import type { Outstanding } from "../../../waiting/outstanding.js";
import { attribute, bareOf, type Element } from "../stanzas/stanza.js";
import { readStanzaError, refused } from "../stanzas/stanza-error.js";
import type { Connection } from "./connection.js";
import { noAnswer } from "./no-answer.js";

const ANSWER_TIMEOUT_MS = 10_000;

export interface IqRequest {
  type: "get" | "set";
  /** Bare, a domain, or an occupant JID. */
  to: string;
  payload: Element;
  /** What this does, for errors: "kick Bob out of the room". */
  task: string;
  /** Ends the waiting for the answer, and before that keeps the request from being sent. */
  signal: AbortSignal;
  /** Whether the answer is waited for even when `signal` aborts after the sending; absent: it is not. */
  outlivesCaller?: boolean;
}

interface PendingIq {
  to: string;
  task: string;
  answer(stanza: Element): void;
  fail(error: Error): void;
}

/** Sends requests and finds their answers (RFC 6120 section 8.2.3). */
export class IqClient {
  readonly #connection: Connection;
  readonly #pending = new Map<string, PendingIq>();

  /** @param outstanding bounds how many stanzas wait for an answer */
  constructor(
    connection: Connection,
    readonly outstanding: Outstanding,
  ) {
    this.#connection = connection;
    connection.on("stanza", (stanza) => this.#onStanza(stanza));
    connection.on("end", () => this.#onEnd());
  }

  /**
   * Answers the result stanza.
   * @throws SERVER_UNAVAILABLE, NotBegun or TOO_MANY_CALLS when it was not sent, SERVER_NO_ANSWER,
   * SERVER_REFUSED with the stanza error
   */
  async request(request: IqRequest): Promise<Element> {
    this.#connection.requireOnline();
    const { task, signal, outlivesCaller = false } = request;
    const ask = () => this.#ask(request);
    if (outlivesCaller) return await this.outstanding.run(task, signal, ask);
    return await this.outstanding.ask(task, signal, ask, () => tooLate(task));
  }

  async #ask({ type, to, payload, task }: IqRequest): Promise<Element> {
    const id = randomUUID();
    try {
      const answer = new Promise<Element>((resolve, reject) => {
        this.#pending.set(id, { to, task, answer: resolve, fail: reject });
      });
      this.#connection.send(xml("iq", { type, to, id }, payload));
      const stanza = await before(answer, undefined, ANSWER_TIMEOUT_MS, () => tooLate(task));
      if (attribute(stanza, "type") === "error") throw refused(task, readStanzaError(stanza));
      return stanza;
    } finally {
      this.#pending.delete(id);
    }
  }

  #onStanza(stanza: Element): void {
    const type = attribute(stanza, "type");
    if (stanza.name !== "iq" || (type !== "result" && type !== "error")) return;
    const pending = this.#pending.get(attribute(stanza, "id"));
    if (pending !== undefined && this.#isFrom(pending.to, attribute(stanza, "from"))) {
      pending.answer(stanza);
    }
  }

  /** RFC 6120 section 8.1.2.1: the account's own server may leave "from" out. */
  #isFrom(asked: string, from: string): boolean {
    const { jid, domain } = this.#connection;
    const ofOwnServer = asked === jid || asked === domain;
    if (from === "") return ofOwnServer;
    if (asked.includes("/")) return from === asked;
    if (from.includes("/")) return asked === jid && bareOf(from) === bareOf(jid);
    return bareOf(from) === bareOf(asked);
  }

  #onEnd(): void {
    for (const { task, fail } of this.#pending.values()) {
      fail(noAnswer(task, "the connection was lost"));
    }
    this.#pending.clear();
  }
}

function tooLate(task: string): DoormanError {
  return noAnswer(task, "it did not answer in time");
}
