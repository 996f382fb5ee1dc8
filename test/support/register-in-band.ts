import { client, xml } from "@xmpp/client";
import { PATIENCE_MS } from "./patience.js";
import type { RunningChatServer } from "./running-chat-server.js";
import { logOut, quieten, request, type Stanza, within } from "./xmpp-request.js";

export type Registration =
  | { ok: true }
  /** The stanza error's condition, RFC 6120 section 8.3.3, and the step that met it. */
  | { ok: false; step: "preauth" | "register"; condition: string };

/**
 * Redeems an invite's token for an account as a client does that has none yet: XEP-0445
 * pre-authentication, then XEP-0077 registration, on a stream that never authenticates.
 * @param domain absent: the host of the documents, example.com
 */
export async function registerInBand(
  server: RunningChatServer,
  token: string,
  username: string,
  password: string,
  domain: string = server.domain,
): Promise<Registration> {
  let offered = (): void => {};
  const features = new Promise<void>((resolve) => {
    offered = resolve;
  });
  const xmpp = client({
    service: server.service,
    domain,
    // Called when the server has offered its features and it is our turn to authenticate.
    credentials: () => {
      offered();
      return new Promise(() => {});
    },
  });
  quieten(xmpp);
  try {
    await within(PATIENCE_MS, xmpp.connect(server.service), "connection");
    await xmpp.open({ domain });
    await within(PATIENCE_MS, features, "stream features");
    const attempt = async (step: "preauth" | "register", child: Stanza): Promise<Registration> => {
      try {
        await request(xmpp, "set", domain, child);
        return { ok: true };
      } catch (error) {
        return { ok: false, step, condition: conditionOf(error) };
      }
    };
    const preauth = await attempt("preauth", xml("preauth", { xmlns: "urn:xmpp:pars:0", token }));
    if (!preauth.ok) return preauth;
    const account = [xml("username", {}, username), xml("password", {}, password)];
    return await attempt("register", xml("query", { xmlns: "jabber:iq:register" }, ...account));
  } finally {
    await logOut(xmpp);
  }
}

/** @throws the error itself when it is not the server's refusal */
function conditionOf(error: unknown): string {
  if (error instanceof Error && error.name === "StanzaError" && "condition" in error) {
    return String(error.condition);
  }
  throw error;
}
