import { randomUUID } from "node:crypto";
import { type Client, xml } from "@xmpp/client";
import { PATIENCE_MS } from "./patience.js";

export type Stanza = Parameters<Client["send"]>[0];

/**
 * Sends an IQ and answers the result.
 * @param to absent: the user's own account, or before authentication the host
 * @throws StanzaError
 */
export function request(
  xmpp: Client,
  type: "get" | "set",
  to: string | undefined,
  child: Stanza,
): Promise<Stanza> {
  const iq = xml("iq", { type, id: randomUUID(), ...(to === undefined ? {} : { to }) }, child);
  return xmpp.iqCaller.request(iq, PATIENCE_MS);
}

/** How long a logout may take: a server that is paused or gone confirms none, which is no failure. */
export const LOGOUT_TIMEOUT_MS = 5_000;

/** Ends the connection of a client. Never throws: the server may be gone already. */
export async function logOut(xmpp: Client): Promise<void> {
  xmpp.reconnect.stop();
  // Each step of the library's has a timer, which would keep the process of the test.
  xmpp.timeout = LOGOUT_TIMEOUT_MS;
  await within(LOGOUT_TIMEOUT_MS, xmpp.stop(), "logout").catch(() => {});
}

/** Answers what `promise` does, or fails with `what` in the message when that takes too long. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Keeps a client from logging in again by itself, and a connection that is lost from ending the
 * tests: a client without a listener for errors throws them.
 */
export function quieten(xmpp: Client): void {
  xmpp.reconnect.stop();
  xmpp.on("error", () => {});
  // xmpp.js listens for an IQ's answer only when the IQ has been written: a refusal that comes before
  // would be a rejection that nobody handles, which ends the tests.
  const { handlers } = xmpp.iqCaller as unknown as { handlers: Map<string, Answer> };
  const set = handlers.set.bind(handlers);
  handlers.set = (id, answer) => {
    answer.promise.catch(() => {});
    return set(id, answer);
  };
  // xmpp.js miscounts what arrives right behind the answer that enables stream management (XEP-0198),
  // and Prosody closes the stream over the wrong count. Not offered, it is not used.
  xmpp.prependListener("element", (element: Stanza) => {
    if (element.is("features", "http://etherx.jabber.org/streams")) {
      element.remove("sm", "urn:xmpp:sm:3");
    }
  });
}

/** What xmpp.js will know of an IQ's answer. */
interface Answer {
  promise: Promise<unknown>;
}
