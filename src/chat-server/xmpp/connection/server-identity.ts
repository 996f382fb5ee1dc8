import { isIP, Socket } from "node:net";
import { type ConnectionOptions, checkServerIdentity, TLSSocket } from "node:tls";
import { domainToASCII } from "node:url";
import { type Client, xml } from "@xmpp/client";
import type { Element } from "../stanzas/stanza.js";

const NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls";

/**
 * Makes a client accept only a server whose certificate names the XMPP domain (RFC 6120 section 13.7.2), and
 * tell the server that name (SNI), by which one of several hosts picks its certificate. The library compares
 * the certificate with the address for direct TLS, and sends no name with STARTTLS.
 * @returns upgrades the connection where these stream features offer STARTTLS, and hides them from the library
 */
export function requireIdentity(
  client: Client,
  isOver: () => boolean,
): (features: Element) => void {
  const identity = identityOptions(client.options.domain ?? "");
  const socketParameters = client.socketParameters.bind(client);
  Object.assign(client, {
    socketParameters: (service: string) => {
      const address = socketParameters(service);
      return typeof address === "object" ? { ...address, ...identity } : address;
    },
  });
  return (features) => {
    const { socket } = client;
    const isClear = socket instanceof Socket && !(socket instanceof TLSSocket);
    if (!isClear || features.getChild("starttls", NS_TLS) === undefined) return;
    for (const feature of features.getChildElements()) features.remove(feature);
    startTls(client, socket, identity, isOver).catch((error: unknown) => {
      client.emit("error", error);
    });
  };
}

/** Returns the options for tls.connect that make a server prove that it is a domain's. */
function identityOptions(domain: string): ConnectionOptions {
  const name = domainToASCII(domain) || domain;
  return {
    // RFC 6066 section 3: an address is no server name.
    ...(isIP(name) === 0 && { servername: name }),
    checkServerIdentity: (_address, certificate) => checkServerIdentity(name, certificate),
  };
}

/** RFC 6120 section 5.4. */
async function startTls(
  client: Client,
  socket: Socket,
  identity: ConnectionOptions,
  isOver: () => boolean,
): Promise<void> {
  const answer = await client.sendReceive(xml("starttls", { xmlns: NS_TLS }));
  if (!answer.is("proceed", NS_TLS)) throw new Error("the server offers TLS and then refuses it");
  const upgraded = newTlsSocket(client);
  await new Promise<void>((resolve, reject) => {
    // Stays, because the socket may fail after the library has let go of it.
    upgraded.on("error", reject);
    upgraded.once("connect", resolve);
    upgraded.once("close", () => reject(new Error("the server closed the connection")));
    upgraded.connect({ socket, ...identity });
  });
  if (isOver()) return;
  Reflect.get(client, "_attachSocket").call(client, upgraded);
  await client.restart();
}

/** The library's own kind of socket, as its transport for `xmpps:` makes it. */
interface LibrarySocket {
  on(event: "error", listener: (error: Error) => void): void;
  once(event: "connect" | "close", listener: () => void): void;
  connect(options: ConnectionOptions): void;
}

function newTlsSocket({ transports }: Client): LibrarySocket {
  const direct = transports.find(({ prototype }) => {
    return prototype.socketParameters("xmpps://localhost") !== undefined;
  });
  if (direct === undefined) throw new Error("@xmpp/client has no transport for TLS");
  const { Socket: TlsSocket } = direct.prototype as unknown as { Socket: new () => LibrarySocket };
  return new TlsSocket();
}
