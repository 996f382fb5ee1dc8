import type { Http2Server, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { ANSWER_LIMITS, IDLE_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from "./limits.js";

/** Hands a connection to an HTTP/2 server, and answers its session while it is open. */
export function openSession(
  server: Http2Server,
  socket: Socket,
  sessions: Set<ServerHttp2Session>,
): void {
  const watch = (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    watchSession(session, socket);
  };
  server.once("session", watch);
  server.emit("connection", socket);
  server.off("session", watch);
}

function watchSession(session: ServerHttp2Session, socket: Socket): void {
  // Without a listener a broken connection would end the process.
  session.on("error", () => session.destroy());
  let streams = 0;
  session.setTimeout(IDLE_TIMEOUT_MS);
  session.on("timeout", () => {
    // A call may take long, and nothing moves meanwhile.
    if (streams > 0) return;
    session.close();
    // Neither close nor destroy ends a session whose client reads nothing: they wait to say goodbye.
    setTimeout(() => socket.destroy(), ANSWER_LIMITS.stalledMs).unref();
  });
  session.on("stream", (stream) => {
    streams++;
    stream.on("error", () => stream.destroy());
    const tooSlow = setTimeout(() => stream.destroy(), REQUEST_TIMEOUT_MS);
    stream.once("end", () => clearTimeout(tooSlow));
    stream.once("close", () => {
      clearTimeout(tooSlow);
      streams--;
      if (!session.destroyed) session.setTimeout(IDLE_TIMEOUT_MS);
    });
  });
}
