import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PATIENCE_MS } from "./patience.js";

/** Is an HTTP server before a Doorman that refuses the first requests as a proxy does, and keeps what it saw. */
export class FlakyProxy {
  /** The requests that came, the refused ones too: the path and the headers of each. */
  readonly requests: { path: string; headers: IncomingHttpHeaders }[] = [];

  private constructor(private readonly server: Server) {}

  /**
   * Starts it on a free loopback port.
   * @param target the URL of the Doorman; undefined for a proxy that never answers what it lets through
   * @param refusals how many requests get a 503
   */
  static async start(target: string | undefined, refusals: number): Promise<FlakyProxy> {
    const server = createServer((request, response) => {
      const path = request.url ?? "";
      proxy.requests.push({ path, headers: request.headers });
      if (proxy.requests.length <= refusals) {
        response.writeHead(503, { "Content-Type": "text/plain" }).end("try later");
      } else if (target !== undefined) {
        const chunks: Buffer[] = [];
        request.on("data", (chunk) => chunks.push(chunk));
        request.on("end", async () => {
          const { authorization = "", "content-type": contentType = "" } = request.headers;
          const answer = await fetch(target + path, {
            method: "POST",
            headers: { Authorization: authorization, "Content-Type": contentType },
            body: Buffer.concat(chunks),
            signal: AbortSignal.timeout(PATIENCE_MS),
          });
          const type = answer.headers.get("Content-Type") ?? "";
          response.writeHead(answer.status, { "Content-Type": type });
          response.end(Buffer.from(await answer.arrayBuffer()));
        });
      }
    });
    const proxy = new FlakyProxy(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
