import type { Socket } from "node:net";
import type { HttpListener } from "../http-message.js";
import { MAX_PIPELINED_REQUESTS } from "./limits.js";

/**
 * Refuses what an HTTP/1.1 client sends while too many of its requests wait for their answers (RFC 9112
 * section 9.3.2), and closes the connection then: Node would work on all of them at once and keep the
 * answers.
 */
export function limitPipelining(listener: HttpListener): HttpListener {
  const underWay = new WeakMap<Socket, number>();
  const add = (socket: Socket, difference: number): number => {
    const count = (underWay.get(socket) ?? 0) + difference;
    underWay.set(socket, count);
    return count;
  };
  return (request, response) => {
    const { socket } = request;
    const count = add(socket, 1);
    response.once("close", () => add(socket, -1));
    if (count <= MAX_PIPELINED_REQUESTS) return listener(request, response);
    response.statusCode = 503;
    response.setHeader("Connection", "close");
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ error: "Wait for an answer before you send more" }));
  };
}
