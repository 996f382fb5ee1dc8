import type { Server as Http1Server } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import type { Server, Socket } from "node:net";
import type { ListenAddress } from "../../configuration/listen-address.js";
import type { HttpListener } from "../http-message.js";
import { normaliseTarget } from "../request-target.js";
import type { ConnectionLimit } from "./connection-limit.js";
import { openSession } from "./http2-sessions.js";
import {
  CLIENT_LIMITS,
  type ClientLimits,
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_CONNECTIONS,
  MAX_REQUESTS_PER_CONNECTION,
  MAX_STREAMS_PER_CONNECTION,
  SHUTDOWN_TIMEOUT_MS,
} from "./limits.js";
import { limitPipelining } from "./pipelining.js";
import { dropSlowClient } from "./slow-clients.js";

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
  keepAliveTimeout: IDLE_TIMEOUT_MS,
  connectionsCheckingInterval: 1_000,
};

/**
 * Opens a port for HTTP/1.1 and HTTP/2.
 * @param server the HTTP/1.1 server. It is the one that listens, because its time-outs run only while
 *   it does, and without a listener for requests
 * @param event the server's event for a new connection
 * @param tellApart finds out which version the client on a socket speaks
 * @param admit decides about each new connection, before TLS; absent takes all
 * @param limits for tests; the port's own when absent
 */
export async function openPort<T extends Socket>(options: {
  server: Http1Server | HttpsServer;
  event: "connection" | "secureConnection";
  tellApart: (socket: T, decided: (isHttp2: boolean) => void) => void;
  address: ListenAddress;
  listener: HttpListener;
  admit?: ConnectionLimit | undefined;
  limits?: ClientLimits | undefined;
}): Promise<Port> {
  const { server, event, tellApart, address, admit, limits = CLIENT_LIMITS } = options;
  const listener: HttpListener = (request, response) => {
    normaliseTarget(request);
    dropSlowClient(response, limits);
    options.listener(request, response);
  };
  const http2 = createHttp2Server(
    { settings: { maxConcurrentStreams: MAX_STREAMS_PER_CONNECTION } },
    listener,
  );
  const sessions = new Set<ServerHttp2Session>();

  server.on("request", limitPipelining(listener));
  server.requestTimeout = limits.requestMs;
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  const [takeHttp1] = server.listeners(event);
  server.removeAllListeners(event);
  const sockets = new Set<Socket>();
  const undecided = new Set<Socket>();
  server.on(event, (socket: T) => {
    sockets.add(socket);
    undecided.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      undecided.delete(socket);
    });
    tellApart(socket, (isHttp2) => {
      undecided.delete(socket);
      if (!isHttp2) return takeHttp1?.call(server, socket);
      // The HTTP/1.1 server leaves its sockets half open, which HTTP/2 knows nothing of.
      socket.allowHalfOpen = false;
      openSession(http2, socket, sessions, limits);
    });
  });

  if (admit) admitConnections(server, admit);
  return {
    address: { host: address.host, port: await listen(server, address) },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of undecided) socket.destroy();
      for (const session of sessions) session.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, SHUTDOWN_TIMEOUT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Closes connections that are not admitted before anything is read from them. */
function admitConnections(server: Server, admit: ConnectionLimit): void {
  const takers = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    if (!admit(socket)) return socket.destroy();
    for (const take of takers) take.call(server, socket);
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
