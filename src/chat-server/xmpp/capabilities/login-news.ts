import { type Finding, ready, unavailable, unsupported } from "../../capability.js";
import type { Connection } from "../connection/connection.js";
import { attribute, type Element } from "../stanzas/stanza.js";
import { enableModules, grantPrivileges, hostSection } from "./prosody-fixes.js";
import type { LookContext } from "./server-look.js";

/** XEP-0356. */
const NS_PRIVILEGE = "urn:xmpp:privilege:2";

/**
 * Knows whether the server tells Doorman of those who come online, because it says so itself after each
 * login (XEP-0356 section 4.2), before it answers anything that Doorman asks.
 */
export class LoginNews {
  /** By host; may be lost, and is with the connection. */
  readonly #presencePermission = new Map<string, string>();

  constructor(connection: Connection) {
    connection.on("end", () => this.#presencePermission.clear());
    connection.on("stanza", (stanza) => this.#onStanza(stanza));
  }

  find({ host, jid, software }: LookContext): Finding {
    const permission = this.#presencePermission.get(host);
    if (permission === "managed_entity" || permission === "roster") {
      return ready(`${host} tells Doorman who comes online`);
    }
    if (software === "ejabberd") {
      return unsupported("ejabberd tells no client who comes online, only components");
    }
    if (!jid.endsWith(`@${host}`)) {
      return unsupported(
        `mod_privilege tells Doorman who comes online on its own host alone, which ${host} is not`,
      );
    }
    if (software !== "prosody")
      return unavailable(`${host} does not tell Doorman who comes online`);
    return unavailable(
      `${host} does not tell Doorman who comes online`,
      ...(permission === undefined ? [enableModules(hostSection(host), "privilege")] : []),
      grantPrivileges(host, jid),
    );
  }

  #onStanza(stanza: Element): void {
    if (stanza.name !== "message") return;
    const privilege = stanza.getChild("privilege", NS_PRIVILEGE);
    // Anybody can send a message; only a domain of the server's sends one as itself.
    const from = attribute(stanza, "from");
    if (privilege === undefined || from === "" || /[@/]/.test(from)) return;
    const permission = privilege
      .getChildren("perm")
      .find((child) => attribute(child, "access") === "presence");
    this.#presencePermission.set(from, permission ? attribute(permission, "type") : "none");
  }
}
