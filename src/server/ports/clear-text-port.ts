import { createServer } from "node:http";
import type { Socket } from "node:net";
import type { ListenAddress } from "../../configuration/listen-address.js";
import type { HttpListener } from "../http-message.js";
import type { ConnectionLimit } from "./connection-limit.js";
import { type ClientLimits, HEADERS_TIMEOUT_MS } from "./limits.js";
import { HTTP1_OPTIONS, openPort, type Port } from "./port.js";

/** The first bytes of HTTP/2 with prior knowledge (RFC 9113 section 3.4); no HTTP/1.1 method begins so. */
const PREFACE_START = "PRI";

/** Opens the one clear-text port, for HTTP/1.1 and for h2c, told apart by the connection preface. */
export function openClearTextPort(
  address: ListenAddress,
  listener: HttpListener,
  { admit, limits }: { admit?: ConnectionLimit; limits?: ClientLimits } = {},
): Promise<Port> {
  const server = createServer(HTTP1_OPTIONS);
  const tellApart = tellByPreface;
  return openPort({ server, event: "connection", tellApart, address, listener, admit, limits });
}

/** Peeks at the first bytes of a connection, and gives them back. */
function tellByPreface(socket: Socket, decided: (isHttp2: boolean) => void): void {
  const hangUp = () => socket.destroy();
  socket.on("error", hangUp);
  socket.on("end", hangUp);
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
    socket.off("end", hangUp);
    decided(text === PREFACE_START);
  });
}
