import { StringDecoder } from "node:string_decoder";
import type { Client } from "@xmpp/client";
import { isLoopback } from "../../../limits/loopback.js";
import type { Element } from "../stanzas/stanza.js";
import { requireIdentity } from "./server-identity.js";

const NS_STREAM = "http://etherx.jabber.org/streams";
const NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls";
/** XEP-0388. */
const NS_SASL2 = "urn:xmpp:sasl:2";
/** XEP-0198. */
const NS_STREAM_MANAGEMENT = "urn:xmpp:sm:3";

/**
 * Keeps @xmpp/client 0.14 from reconnecting, from resuming, from trusting another server's certificate, from
 * crashing the process and from tearing characters.
 */
export function hardenClient(
  client: Client,
  session: { isOver(): boolean; onUnreadable(error: unknown): void },
): void {
  client.reconnect.stop();
  const upgrade = requireIdentity(client, session.isOver);
  client.prependListener("element", (element: Element) => {
    if (!element.is("features", NS_STREAM)) return;
    // Without stream management nothing can be sent a second time after a reconnect, and the server
    // keeps no ghost of Doorman in rooms.
    element.remove("sm", NS_STREAM_MANAGEMENT);
    // A server with SASL 2 has SASL 1 too; with the former, Prosody's mod_privilege is not told of
    // the session and grants it nothing.
    element.remove("authentication", NS_SASL2);
    // The library takes every STARTTLS that is offered, and then fails on a certificate that nobody
    // vouches for, as those of a private server on the same machine mostly are.
    if (leadsToLoopback(client)) removeOptionalTls(element);
    upgrade(element);
  });
  // The library listens for the answer to its own requests (resource binding) only when they have been
  // written: a refusal that comes before would be a rejection that nobody handles.
  const { handlers } = client.iqCaller as unknown as { handlers: Map<string, Answer> };
  const set = handlers.set.bind(handlers);
  handlers.set = (id, answer) => {
    answer.promise.catch(() => {});
    return set(id, answer);
  };
  // The library reads each chunk by itself as UTF-8, which tears a character that lies across two,
  // and lets what its parser throws escape from the socket's event, where nobody can catch it.
  const decoder = new StringDecoder("utf8");
  Object.assign(client, {
    _onData: (data: Buffer | string) => {
      if (session.isOver() || client.parser === null) return;
      try {
        client.parser.write(typeof data === "string" ? data : decoder.write(data));
      } catch (error) {
        session.onUnreadable(error);
      }
    },
  });
  // A TLS socket that fails after the library has let go of it has no listener for that.
  client.on("opening", () => client.socket?.on("error", () => {}));
}

/** What the library will know of an IQ's answer. */
interface Answer {
  promise: Promise<unknown>;
}

/** RFC 6120 section 5.3.1. */
function removeOptionalTls(features: Element): void {
  const startTls = features.getChild("starttls", NS_TLS);
  if (startTls !== undefined && startTls.getChild("required") === undefined) {
    features.remove(startTls);
  }
}

/** Breaks a client's connection off at once. */
export function destroySocket(client: Client): void {
  const socket = client.socket as (Destroyable & { socket?: Destroyable | null }) | null;
  const inner = socket?.socket ?? socket;
  if (inner?.destroy !== undefined) inner.destroy();
  else inner?.close?.();
}

/** A TCP or TLS socket, or a WebSocket; the library wraps the latter two. */
interface Destroyable {
  destroy?(): void;
  close?(): void;
}

/** Tells whether a client's TCP connection goes to this machine itself. */
export function leadsToLoopback(client: Pick<Client, "socket">): boolean {
  const { socket } = client;
  const address: unknown = socket === null ? undefined : Reflect.get(socket, "remoteAddress");
  return typeof address === "string" && isLoopback(address);
}
