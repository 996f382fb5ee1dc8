import { EventEmitter } from "node:events";
import { type Client, client, type Options, xml } from "@xmpp/client";
import type { Logger } from "pino";
import { domainOf, localpartOf } from "../../../jid/parts.js";
import { before } from "../../../waiting/before.js";
import type { Element } from "../stanzas/stanza.js";
import {
  describeConnectionError,
  isFinal,
  isLastingRefusal,
  LoginRefused,
  saslCondition,
  UNREADABLE,
} from "./connection-error.js";
import { destroySocket, hardenClient, leadsToLoopback } from "./harden-client.js";

export interface Account {
  /** `xmpp://HOST:PORT` or `xmpps://HOST:PORT`. */
  service: string;
  /** Bare. */
  jid: string;
  password: string;
  /** SASL mechanisms that Doorman has, the best first; absent: SCRAM-SHA-1 and PLAIN. */
  mechanisms?: readonly string[];
}

/** Connecting, TLS, login and resource binding together. */
const LOGIN_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * One login to the chat server, from the first byte to the last: it is never resumed or used again.
 * Emits "stanza" while it is online and "end" once.
 */
export class Session extends EventEmitter<{ stanza: [Element]; end: [] }> {
  readonly #client: Client;
  readonly #account: Account;
  readonly #log: Logger;
  #online = false;
  #endReason: string | undefined;
  /** Whether the server turned the login down, so that trying again soon is of little use. */
  loginRefused = false;
  /** The SASL condition (RFC 6120 section 6.5) of a login that the server turned down. */
  refusedBecause: string | undefined;

  constructor(account: Account, log: Logger) {
    super();
    this.#account = account;
    this.#log = log;
    const domain = domainOf(account.jid);
    this.#client = client({
      service: account.service,
      domain,
      timeout: LOGIN_TIMEOUT_MS,
      credentials: this.#logIn,
    });
    hardenClient(this.#client, {
      isOver: () => this.#endReason !== undefined,
      onUnreadable: (error) => {
        this.#log.warn({ err: error }, "the chat server's XML could not be read");
        this.end(UNREADABLE);
      },
    });
    // The library follows a redirect (see-other-host) by itself, even when the session is over.
    this.#client.on("connect", () => {
      if (this.#endReason !== undefined) destroySocket(this.#client);
    });
    this.#client.on("error", (error: Error) => this.#onError(error));
    // RFC 6120 section 4.4: nothing comes any more, though the socket may stay open.
    this.#client.on("close", () => this.end("the server closed the stream"));
    this.#client.on("disconnect", () => this.end("the connection was lost"));
    this.#client.on("stanza", (stanza: Element) => this.#onStanza(stanza));
  }

  /** Why the session is over; undefined before that. */
  get endReason(): string | undefined {
    return this.#endReason;
  }

  /** Connects and logs in. @throws Error with a message fit for people; the session is then over */
  async open(): Promise<void> {
    const online = new Promise<void>((resolve, reject) => {
      this.#client.once("online", () => {
        this.#online = this.#endReason === undefined;
        resolve();
      });
      this.once("end", () => reject(new Error(this.#endReason)));
    });
    // start() is not used: when opening fails it leaves a second rejection that nobody handles.
    this.#connect().catch((error: unknown) => this.#onError(error));
    try {
      await before(online, undefined, LOGIN_TIMEOUT_MS, () => new Error("it took too long"));
    } catch (error) {
      this.end("it did not let Doorman in within 10 s");
      throw error;
    }
  }

  /** Writes a stanza; a failure to do so ends the session. */
  send(stanza: Element): void {
    this.#client.send(stanza).catch((error: unknown) => this.end(describeConnectionError(error)));
  }

  /** Breaks the connection off. */
  end(reason: string): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = reason;
    this.#online = false;
    destroySocket(this.#client);
    this.emit("end");
  }

  /** Closes the stream as RFC 6120 section 4.4 asks, or breaks it off when the server is slow. */
  async close(): Promise<void> {
    if (this.#online) {
      await before(this.#client.stop(), undefined, CLOSE_TIMEOUT_MS, () => new Error()).catch(
        () => {},
      );
    }
    this.end("Doorman closed the connection");
  }

  async #connect(): Promise<void> {
    const { service, domain = "" } = this.#client.options;
    await this.#client.connect(service ?? "");
    await this.#client.open({ domain });
  }

  readonly #logIn: LogIn = async (authenticate, mechanisms, _fast, entity) => {
    if (this.#endReason !== undefined) throw new LoginRefused(this.#endReason);
    // Not the configured address but the one that the socket has: it is what the password goes to.
    if (!entity.isSecure() && !leadsToLoopback(entity)) {
      throw new LoginRefused(
        "the server offers no TLS, and Doorman sends a password in clear text to a loopback address only",
      );
    }
    const { jid, password, mechanisms: wanted = ["SCRAM-SHA-1", "PLAIN"] } = this.#account;
    const mechanism = wanted.find((name) => mechanisms.includes(name));
    if (mechanism === undefined) {
      throw new LoginRefused("the server offers neither SCRAM-SHA-1 nor PLAIN");
    }
    const username = localpartOf(jid);
    await authenticate({ username, password }, mechanism, NO_USER_AGENT);
  };

  #onStanza(stanza: Element): void {
    if (!this.#online) return;
    try {
      this.emit("stanza", stanza);
    } catch (error) {
      this.#log.error({ err: error }, "a stanza could not be handled");
    }
  }

  #onError(error: unknown): void {
    // After XML that is not well-formed the library has no parser any more.
    const over = this.#client.parser === null || isFinal(error);
    if (this.#online && !over) {
      this.#log.warn({ reason: describeConnectionError(error) }, "the XMPP library fails");
      return;
    }
    this.loginRefused ||= isLastingRefusal(error);
    this.refusedBecause ??= saslCondition(error);
    this.end(describeConnectionError(error));
  }
}

type LogIn = Extract<NonNullable<Options["credentials"]>, (...args: never[]) => unknown>;

/** Only SASL 2 has one. */
const NO_USER_AGENT = xml("user-agent");
