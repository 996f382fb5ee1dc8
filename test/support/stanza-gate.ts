import type { AddressInfo } from "node:net";
import { createServer, connect as openSocket, type Server, type Socket } from "node:net";

/**
 * Is a TCP proxy before a chat server on loopback that stands still at a stanza of the client's, so that
 * a test can do something at just that moment.
 */
export class StanzaGate {
  #server: Server;
  #sockets = new Set<Socket>();
  #marker: RegExp | undefined;
  #letsThrough = false;
  #reached = () => {};

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(targetPort: number): Promise<StanzaGate> {
    const server = createServer((client) => gate.#carry(client, targetPort));
    const gate = new StanzaGate(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Closes the gate at the next stanza that matches, and resolves when one has come.
   * @param letsThrough whether that stanza still goes through, and only its answer does not
   */
  closeAt(marker: RegExp, letsThrough: boolean): Promise<void> {
    this.#marker = marker;
    this.#letsThrough = letsThrough;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  /** Ends all connections that go through the gate; new ones may come. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #carry(client: Socket, targetPort: number): void {
    const server = openSocket(targetPort, "127.0.0.1");
    let isClosed = false;
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    client.on("data", (data) => {
      if (isClosed) return;
      if (this.#marker?.test(data.toString())) {
        isClosed = true;
        this.#marker = undefined;
        if (this.#letsThrough) server.write(data);
        this.#reached();
      } else {
        server.write(data);
      }
    });
    server.on("data", (data) => {
      if (!isClosed) client.write(data);
    });
  }
}
