import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { type Client, client, type Options, xml } from "@xmpp/client";
import type { Logger } from "pino";
import { domainOf, localpartOf } from "../../../jid/parts.js";
import { mapPassword } from "../../../jid/stringprep.js";
import { before } from "../../../waiting/before.js";
import type { Element } from "../stanzas/stanza.js";
import {
  describeConnectionError,
  isConflict,
  isFinal,
  isRefusedLogin,
  LoginRefused,
  saslCondition,
  UNREADABLE,
} from "./connection-error.js";
import { destroySocket, hardenClient, leadsToLoopback } from "./harden-client.js";
import { sendCredentialsAsUtf8 } from "./utf8-credentials.js";

export interface Account {
  /** `xmpp://HOST:PORT` or `xmpps://HOST:PORT`. */
  service: string;
  /** Bare. */
  jid: string;
  /** Called at each login, so that a new password needs no restart. May throw. */
  readPassword: () => string;
  /** SASL mechanisms that Doorman has, the best first; absent: SCRAM-SHA-1 and PLAIN. */
  mechanisms?: readonly string[];
  /** Absent: one that no other session has. */
  resource?: string;
}

/** Short, because a packet that was lost is sent again later and later (RFC 6298). */
const CONNECT_TIMEOUT_MS = 3_000;
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
  #password: string | undefined;
  /** Whether the server turned the account or its password down. */
  loginRefused = false;
  /** The SASL condition (RFC 6120 section 6.5) of a login that the server turned down. */
  refusedBecause: string | undefined;
  /** Whether the server ended the session in favour of another one of the account. */
  replaced = false;

  constructor(account: Account, log: Logger) {
    super();
    this.#account = account;
    this.#log = log;
    const domain = domainOf(account.jid);
    this.#client = client({
      service: account.service,
      domain,
      timeout: LOGIN_TIMEOUT_MS,
      resource: account.resource ?? randomBytes(9).toString("hex"),
      credentials: this.#logIn,
    });
    sendCredentialsAsUtf8(this.#client);
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

  /** The password that it has logged in with, or tried to; undefined before that. */
  get password(): string | undefined {
    return this.#password;
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
    const connected = this.#client.connect(service ?? "");
    await before(connected, undefined, CONNECT_TIMEOUT_MS, () => new Error(NO_CONNECTION));
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
    const { jid, mechanisms: wanted = ["SCRAM-SHA-1", "PLAIN"] } = this.#account;
    const mechanism = wanted.find((name) => mechanisms.includes(name));
    if (mechanism === undefined) {
      throw new LoginRefused("the server offers neither SCRAM-SHA-1 nor PLAIN");
    }
    const username = localpartOf(jid);
    this.#password = this.#readPassword();
    const password = mapPassword(this.#password);
    await authenticate({ username, password }, mechanism, NO_USER_AGENT);
  };

  #readPassword(): string {
    try {
      return this.#account.readPassword();
    } catch (error) {
      // Its text may name a file, which is nothing for callers.
      this.#log.error({ err: error }, "the password of Doorman's account cannot be read");
      throw new LoginRefused("its password cannot be read, as the log says");
    }
  }

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
    this.loginRefused ||= isRefusedLogin(error);
    this.replaced ||= isConflict(error);
    this.refusedBecause ??= saslCondition(error);
    this.end(describeConnectionError(error));
  }
}

type LogIn = Extract<NonNullable<Options["credentials"]>, (...args: never[]) => unknown>;

const NO_CONNECTION = "the server does not answer";

/** Only SASL 2 has one. */
const NO_USER_AGENT = xml("user-agent");
