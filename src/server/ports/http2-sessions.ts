import {
  constants,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { type ClientLimits, IDLE_TIMEOUT_MS } from "./limits.js";

/** Hands a connection to an HTTP/2 server, and answers its session while it is open. */
export function openSession(
  server: Http2Server,
  socket: Socket,
  sessions: Set<ServerHttp2Session>,
  limits: ClientLimits,
): void {
  const watch = (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    watchSession(session, socket, limits);
  };
  server.once("session", watch);
  server.emit("connection", socket);
  server.off("session", watch);
}

function watchSession(session: ServerHttp2Session, socket: Socket, limits: ClientLimits): void {
  // Without a listener a broken connection would end the process.
  session.on("error", () => session.destroy());
  let streams = 0;
  session.setTimeout(IDLE_TIMEOUT_MS);
  session.on("timeout", () => {
    // A call may take long, and nothing moves meanwhile.
    if (streams > 0) return;
    session.close();
    // Neither close nor destroy ends a session whose client reads nothing: they wait to say goodbye.
    setTimeout(() => socket.destroy(), limits.stalledMs).unref();
  });
  session.on("stream", (stream) => {
    streams++;
    stream.on("error", () => stream.destroy());
    const tooSlow = setTimeout(() => giveUpUnlessWhole(stream), limits.requestMs);
    stream.once("close", () => {
      clearTimeout(tooSlow);
      streams--;
      if (!session.destroyed) session.setTimeout(IDLE_TIMEOUT_MS);
    });
  });
}

/** A request can be whole though nobody has read it to its end, as that of a GET. */
function giveUpUnlessWhole(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.state.remoteClose === 1) return;
  stream.close(constants.NGHTTP2_CANCEL);
  stream.destroy();
}
