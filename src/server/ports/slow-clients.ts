import { constants } from "node:http2";
import type { HttpResponse } from "../http-message.js";
import type { ClientLimits } from "./limits.js";

/**
 * Gives up an answer that its client does not take: in HTTP/1.1 with the connection, in HTTP/2 with the
 * stream. While there is nothing to take it waits, since a call may need long before it answers.
 */
export function dropSlowClient(response: HttpResponse, limits: ClientLimits): void {
  // Node starts this one anew with all that moves; in HTTP/2 also with what other streams take.
  response.setTimeout(limits.stalledMs);
  response.on("timeout", () => {
    if (response.writableLength > 0) giveUp(response);
  });
  let unsent = 0;
  const timer = setInterval(() => {
    if (response.writableLength > 0 && response.writableLength === unsent) giveUp(response);
    unsent = response.writableLength;
  }, limits.pieceMs);
  timer.unref();
  response.once("close", () => clearInterval(timer));
}

function giveUp(response: HttpResponse): void {
  // Without a code of its own the client would take what it has for the whole answer.
  if ("stream" in response) response.stream.close(constants.NGHTTP2_CANCEL);
  response.destroy();
}
