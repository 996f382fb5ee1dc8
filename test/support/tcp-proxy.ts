import { connect, createServer, type Server, type Socket } from "node:net";

const MAX_SENT = 1_000_000;

/** Is a TCP connection that goes through, whose two ends a test can part. */
interface Link {
  near: Socket;
  far: Socket;
}

/** Is what lies between Doorman and a chat server, and breaks when a test wants it to. */
export class TcpProxy {
  readonly #links = new Set<Link>();
  readonly #server: Server;
  /** What was sent to the target and not taken yet. */
  #sent = "";
  #isDeaf = false;

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      const far = connect(targetPort, "127.0.0.1");
      const link = { near, far };
      this.#links.add(link);
      near.on("data", (data) => {
        this.#sent = (this.#sent + data.toString("latin1")).slice(-MAX_SENT);
      });
      near.pipe(far);
      far.pipe(near);
      if (this.#isDeaf) part(link);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        socket.on("error", () => {});
        socket.on("close", () => {
          other.destroy();
          this.#links.delete(link);
        });
      }
    });
  }

  /** Listens on a free loopback port. */
  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP address");
    return address.port;
  }

  /** Answers what was sent to the target, as far as it has come here, since this was last asked. */
  takeSent(): string {
    const sent = this.#sent;
    this.#sent = "";
    return sent;
  }

  /** Breaks all connections, on both sides, with a reset. */
  cut(): void {
    for (const { near, far } of this.#links) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** Lets nothing through any more on the connections that there are; new ones are not touched. */
  silence(): void {
    for (const link of this.#links) part(link);
  }

  /** Accepts connections and lets nothing through, on the ones that there are and on new ones, until `hear`. */
  deafen(): void {
    this.#isDeaf = true;
    this.silence();
  }

  /** Lets new connections through again. Those that were swallowed stay as they are. */
  hear(): void {
    this.#isDeaf = false;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }
}

function part({ near, far }: Link): void {
  near.unpipe(far);
  far.unpipe(near);
  near.resume();
  far.resume();
}
