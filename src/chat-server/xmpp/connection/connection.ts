import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { xml } from "@xmpp/client";
import type { Logger } from "pino";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { domainOf } from "../../../jid/parts.js";
import { assertSendable, type Element } from "../stanzas/stanza.js";
import { delayAfterFailures, delayAfterRefusals } from "./delays.js";
import { type Account, Session } from "./session.js";

/** A session that lasted less counts as a failure. */
const STABLE_MS = 5_000;
/** How often Doorman looks whether there is another password than the refused one. */
const LOOK_MS = 1_000;

/**
 * Keeps Doorman logged in to the chat server: when a session ends it opens another, after a delay
 * that grows. Emits "online" and "end" for each session, and "stanza".
 */
export class Connection extends EventEmitter<{ online: []; stanza: [Element]; end: [] }> {
  /** Doorman's bare JID. */
  readonly jid: string;
  readonly domain: string;
  /** Resolves when the first login has succeeded or failed. */
  readonly firstAttempt: Promise<void>;
  #account: Account;
  readonly #log: Logger;
  readonly #service: string;
  readonly #closing = new AbortController();
  readonly #finished: Promise<void>;
  #tellAttempted: () => void = () => {};
  #session: Session | undefined;
  #unavailableBecause: string | undefined;

  constructor(account: Account, log: Logger) {
    super();
    // One listener for each room that is visited, and few others.
    this.setMaxListeners(0);
    this.jid = account.jid;
    this.domain = domainOf(account.jid);
    // The same for all sessions: the server throws the one before out (RFC 6120 section 7.7.2.2), and what
    // that has sent and is still on its way is never carried out. Two Doormans on one account have
    // different ones, and do not throw each other out.
    this.#account = { ...account, resource: newResource() };
    this.#log = log;
    this.#service = withoutUserinfo(account.service);
    this.#unavailableBecause = `Not connected to ${this.#service} yet: connecting`;
    this.firstAttempt = new Promise((resolve) => {
      this.#tellAttempted = resolve;
    });
    this.#finished = this.#stayOnline();
  }

  /** A sentence; undefined while online. */
  get unavailableBecause(): string | undefined {
    return this.#unavailableBecause;
  }

  /** @throws SERVER_UNAVAILABLE, INVALID_FIELD */
  send(stanza: Element): void {
    this.requireOnline();
    assertSendable(stanza);
    this.#session?.send(stanza);
  }

  /** @throws SERVER_UNAVAILABLE */
  requireOnline(): void {
    if (this.#unavailableBecause !== undefined) {
      throw new DoormanError(
        ErrorReason.SERVER_UNAVAILABLE,
        `${this.#unavailableBecause}; nothing was done`,
      );
    }
  }

  /** Breaks the session off, so that a new one is opened. */
  drop(reason: string): void {
    this.#session?.end(reason);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#unavailableBecause = `Not connected to ${this.#service}: Doorman is stopping`;
    await this.#session?.close();
    await this.#finished;
  }

  async #stayOnline(): Promise<void> {
    let failures = 0;
    let refusals = 0;
    while (!this.#closing.signal.aborted) {
      const session = new Session(this.#account, this.#log);
      this.#session = session;
      const ended = new Promise<void>((resolve) => session.once("end", resolve));
      try {
        await session.open();
        const openedAt = performance.now();
        this.#onOnline(session);
        await ended;
        this.emit("end");
        const isStable = performance.now() - openedAt >= STABLE_MS && !session.replaced;
        failures = isStable ? 0 : failures + 1;
      } catch {
        failures += 1;
      }
      if (this.#closing.signal.aborted) break;
      this.#onEnd(session);
      // Somebody else wants it: to take it back would throw each other out over and over.
      if (session.replaced) this.#account = { ...this.#account, resource: newResource() };
      // A server that was away in between is a new one, which may think otherwise.
      refusals = session.loginRefused ? refusals + 1 : 0;
      if (refusals > 0) await this.#pauseOrNewPassword(session, delayAfterRefusals(refusals));
      else await this.#pause(delayAfterFailures(failures));
    }
  }

  /** Ends early when the password is not the one any more that was refused. */
  async #pauseOrNewPassword({ password }: Session, delayMs: number): Promise<void> {
    const until = performance.now() + delayMs;
    for (;;) {
      const leftMs = until - performance.now();
      if (leftMs <= 0 || this.#closing.signal.aborted) return;
      await this.#pause(Math.min(leftMs, LOOK_MS));
      try {
        if (this.#account.readPassword() !== password) return;
      } catch {
        // A file that is being replaced.
      }
    }
  }

  #onOnline(session: Session): void {
    if (this.#closing.signal.aborted) return;
    session.on("stanza", (stanza) => this.emit("stanza", stanza));
    // XEP-0356 section 4.2: privileges are told to those who have sent presence. The priority keeps
    // messages to the account away from Doorman.
    session.send(xml("presence", {}, xml("priority", {}, "-1")));
    this.#unavailableBecause = undefined;
    this.#log.info({ service: this.#service, jid: this.jid }, "connected to the chat server");
    this.#tellAttempted();
    this.emit("online");
  }

  #onEnd(session: Session): void {
    const reason = `Not connected to ${this.#service}: ${session.endReason}`;
    // Said once and not at every attempt.
    if (reason !== this.#unavailableBecause) this.#log.warn(reason);
    this.#unavailableBecause = reason;
    this.#tellAttempted();
  }

  async #pause(delayMs: number): Promise<void> {
    const { signal } = this.#closing;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, delayMs);
      signal.addEventListener("abort", done, { once: true });
      function done() {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}

function newResource(): string {
  return `doorman-${randomBytes(6).toString("hex")}`;
}

function withoutUserinfo(service: string): string {
  return service.replace(/\/\/[^/]*@/, "//");
}
