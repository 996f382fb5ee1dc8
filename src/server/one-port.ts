import { createServer as createHttp1Server } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
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

/** Is a server that has begun to listen. */
export interface OnePort {
  /** Where it listens, with the port that the system chose for port 0. */
  readonly address: ListenAddress;
  /** Stops accepting, and returns when the calls under way are answered or their time is over. */
  close(): Promise<void>;
}

/** The first bytes of HTTP/2 with prior knowledge (RFC 9113 section 3.4); no HTTP/1.1 method begins so. */
const PREFACE_START = "PRI";

/** Listens on one clear-text port for HTTP/1.1 and for HTTP/2, told apart by the connection preface. */
export async function listenOnOnePort(
  address: ListenAddress,
  listener: HttpListener,
): Promise<OnePort> {
  const http2 = createHttp2Server(
    { settings: { maxConcurrentStreams: MAX_STREAMS_PER_CONNECTION } },
    listener,
  );
  const sessions = new Set<ServerHttp2Session>();
  http2.on("session", (session) => watchSession(session, sessions));

  // The HTTP/1.1 server is the one that listens, because its time-outs run only while it does.
  const server = createHttp1Server(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    },
    listener,
  );
  server.maxConnections = MAX_CONNECTIONS;
  const [takeHttp1] = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    tellApart(socket, (isHttp2) => {
      if (isHttp2) http2.emit("connection", socket);
      else takeHttp1?.call(server, socket);
    });
  });

  return {
    address: { host: address.host, port: await listen(server, address) },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
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

/** Peeks at the first bytes of a connection, and gives them back. */
function tellApart(socket: Socket, decided: (isHttp2: boolean) => void): void {
  const hangUp = () => socket.destroy();
  socket.on("error", hangUp);
  socket.setTimeout(HEADERS_TIMEOUT_MS, hangUp);
  let start = Buffer.alloc(0);
  // Not "data": with that the HTTP/2 side would find the stream flowing and answer GOAWAY.
  socket.once("readable", function peek() {
    start = Buffer.concat([start, socket.read() ?? Buffer.alloc(0)]);
    const text = start.subarray(0, PREFACE_START.length).toString("latin1");
    if (text.length < PREFACE_START.length && PREFACE_START.startsWith(text)) {
      // Too few bytes to tell; "readable" comes for more of them, and for the end.
      if (socket.readableEnded || socket.destroyed) return;
      socket.once("readable", peek);
      return;
    }
    socket.unshift(start);
    socket.setTimeout(0);
    socket.off("timeout", hangUp);
    socket.off("error", hangUp);
    decided(text === PREFACE_START);
  });
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
