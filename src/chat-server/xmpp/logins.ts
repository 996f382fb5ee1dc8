import { domainOf } from "../../jid/parts.js";
import type { ChatLogins } from "../chat-logins.js";
import type { Connection } from "./connection/connection.js";
import { attribute, bareOf, type Element, resourceOf } from "./stanzas/stanza.js";

/** How many clients are remembered as online; of more than that, a new status may count as a login. */
const MAX_CLIENTS = 100_000;

/**
 * Logins, seen in the copies of presence that a privileged entity is given (XEP-0356 section 7):
 * Prosody sends them from the users of Doorman's own host, of those who are online already too.
 */
export class XmppLogins implements ChatLogins {
  readonly #connection: Connection;
  /** Full JIDs. */
  readonly #online = new Set<string>();
  readonly #listeners: ((userJid: string) => void)[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.on("stanza", (stanza) => this.#onStanza(stanza));
    connection.on("end", () => this.#online.clear());
  }

  covers(host: string): boolean {
    return host === this.#connection.domain;
  }

  listen(listener: (userJid: string) => void): void {
    this.#listeners.push(listener);
  }

  #onStanza(stanza: Element): void {
    if (stanza.name !== "presence") return;
    const from = attribute(stanza, "from");
    const userJid = bareOf(from);
    const isUser = userJid.includes("@") && resourceOf(from) !== "";
    if (!isUser || userJid === this.#connection.jid || !this.covers(domainOf(userJid))) return;
    const type = attribute(stanza, "type");
    if (type === "unavailable") this.#online.delete(from);
    // RFC 6121 section 4.2.1: without a type it says that the client is there, at first and later.
    if (type !== "" || this.#online.has(from)) return;
    if (this.#online.size >= MAX_CLIENTS) this.#forgetOldest();
    this.#online.add(from);
    for (const listener of this.#listeners) listener(userJid);
  }

  #forgetOldest(): void {
    for (const oldest of this.#online) {
      this.#online.delete(oldest);
      return;
    }
  }
}
