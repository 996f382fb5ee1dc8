import type { Server as Http1Server } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import type { Server, Socket } from "node:net";
import type { ListenAddress } from "../configuration/listen-address.js";
import {
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_CONNECTIONS,
  MAX_STREAMS_PER_CONNECTION,
  REQUEST_TIMEOUT_MS,
  SHUTDOWN_TIMEOUT_MS,
} from "./limits.js";
import type { HttpListener } from "./rpc-listener.js";

/** Is a port that Doorman listens on. */
export interface Port {
  /** With the port that the system chose for port 0. */
  readonly address: ListenAddress;
  /** Stops accepting, and returns when the calls under way are answered or their time is over. */
  close(): Promise<void>;
}

/** Are the limits of the HTTP/1.1 side of a port. */
export const HTTP1_OPTIONS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: IDLE_TIMEOUT_MS,
  connectionsCheckingInterval: 1_000,
};

/**
 * Opens a port for HTTP/1.1 and HTTP/2.
 * @param server the HTTP/1.1 server. It is the one that listens, because its time-outs run only while
 *   it does
 * @param event the server's event for a new connection
 * @param tellApart finds out which version the client on a socket speaks
 */
export async function openPort<T extends Socket>(options: {
  server: Http1Server | HttpsServer;
  event: "connection" | "secureConnection";
  tellApart: (socket: T, decided: (isHttp2: boolean) => void) => void;
  address: ListenAddress;
  listener: HttpListener;
}): Promise<Port> {
  const { server, event, tellApart, address, listener } = options;
  const http2 = createHttp2Server(
    { settings: { maxConcurrentStreams: MAX_STREAMS_PER_CONNECTION } },
    listener,
  );
  const sessions = new Set<ServerHttp2Session>();
  http2.on("session", (session) => watchSession(session, sessions));

  server.maxConnections = MAX_CONNECTIONS;
  const [takeHttp1] = server.listeners(event);
  server.removeAllListeners(event);
  const undecided = new Set<Socket>();
  server.on(event, (socket: T) => {
    undecided.add(socket);
    socket.once("close", () => undecided.delete(socket));
    tellApart(socket, (isHttp2) => {
      undecided.delete(socket);
      if (!isHttp2) return takeHttp1?.call(server, socket);
      // The HTTP/1.1 server leaves its sockets half open, which HTTP/2 knows nothing of.
      socket.allowHalfOpen = false;
      http2.emit("connection", socket);
    });
  });

  return {
    address: { host: address.host, port: await listen(server, address) },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of undecided) socket.destroy();
      for (const session of sessions) session.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        server.closeAllConnections();
        for (const session of sessions) session.destroy();
      }, SHUTDOWN_TIMEOUT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function watchSession(session: ServerHttp2Session, sessions: Set<ServerHttp2Session>): void {
  sessions.add(session);
  session.once("close", () => sessions.delete(session));
  // Without a listener a broken connection would end the process.
  session.on("error", () => session.destroy());
  session.setTimeout(IDLE_TIMEOUT_MS, () => session.close());
  session.on("stream", (stream) => {
    stream.on("error", () => stream.destroy());
    const tooSlow = setTimeout(() => stream.destroy(), REQUEST_TIMEOUT_MS);
    stream.once("end", () => clearTimeout(tooSlow));
    stream.once("close", () => clearTimeout(tooSlow));
  });
}

function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const bound = server.address();
      resolve(bound !== null && typeof bound === "object" ? bound.port : port);
    });
  });
}
