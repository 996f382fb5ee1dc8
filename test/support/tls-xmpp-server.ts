import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer, type SecureContext, TLSSocket } from "node:tls";

const NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls";
const NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
const FEATURES = `<mechanisms xmlns="${NS_SASL}"><mechanism>PLAIN</mechanism></mechanisms>
  <register xmlns="urn:xmpp:invite"/>`;

/** The beginning of an XMPP server: it speaks TLS, refuses every password, and takes every invite. */
export class TlsXmppServer {
  /** What clients sent in clear text, and by TLS. */
  received = { clear: "", byTls: "" };
  /** The server names that clients asked for (SNI). */
  readonly names: string[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** The URI for an XMPP client; the address is 127.0.0.1. */
    readonly service: string,
  ) {}

  /** @param folder has key.pem and cert.pem */
  static async start(folder: string, kind: "direct TLS" | "STARTTLS"): Promise<TlsXmppServer> {
    const options = {
      key: readFileSync(join(folder, "key.pem")),
      cert: readFileSync(join(folder, "cert.pem")),
      SNICallback: (name: string, done: (error: null, context?: SecureContext) => void) => {
        started.names.push(name);
        done(null);
      },
    };
    const server =
      kind === "direct TLS"
        ? createTlsServer(options, (socket) => started.#serve(socket, "byTls", FEATURES))
        : createTcpServer((socket) => {
            const startTls = `<starttls xmlns="${NS_TLS}"><required/></starttls>`;
            started.#serve(socket, "clear", startTls, () => {
              socket.removeAllListeners("data");
              const tls = new TLSSocket(socket, { isServer: true, ...options });
              started.#serve(tls, "byTls", FEATURES);
            });
          });
    server.on("connection", (socket: Socket) => {
      started.#sockets.add(socket.on("error", () => {}));
    });
    const scheme = kind === "direct TLS" ? "xmpps" : "xmpp";
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const started = new TlsXmppServer(server, `${scheme}://127.0.0.1:${port}`);
    return started;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  #serve(socket: Socket, how: "clear" | "byTls", features: string, upgrade?: () => void): void {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const text = String(data);
      this.received[how] += text;
      if (text.includes("<stream:stream")) {
        socket.write(
          `<?xml version="1.0"?><stream:stream xmlns="jabber:client"
            xmlns:stream="http://etherx.jabber.org/streams" id="1" version="1.0"
            ><stream:features>${features}</stream:features>`,
        );
      }
      if (text.includes("<starttls")) socket.write(`<proceed xmlns="${NS_TLS}"/>`, upgrade);
      if (text.includes("<auth")) {
        socket.write(`<failure xmlns="${NS_SASL}"><not-authorized/></failure>`);
      }
      const id = /<iq [^>]*id="([^"]+)/.exec(text)?.[1];
      if (id !== undefined) socket.write(`<iq type="result" id="${id}"/>`);
    });
  }
}
