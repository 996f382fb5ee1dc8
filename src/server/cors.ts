import { cors } from "@connectrpc/connect";
import type { HttpListener } from "./http-message.js";
import { pathOf, RPC_PATH } from "./request-target.js";

/** How long a browser may remember the answer to its preflight, as /invites_api has it. */
const MAX_AGE_SECONDS = 7_200;

/**
 * Lets web pages of some origins call the RPCs (the Fetch standard's CORS protocol). A key is sent by
 * the page itself and never by the browser, so that no credentials are allowed.
 * @param allowOrigins such as `https://console.example.com`; empty lets no page in
 */
export function withCors(listener: HttpListener, allowOrigins: readonly string[]): HttpListener {
  return (request, response) => {
    const { origin } = request.headers;
    if (origin === undefined || !allowOrigins.includes(origin) || !RPC_PATH.test(pathOf(request))) {
      return listener(request, response);
    }
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Vary", "Origin");
    const exposed = [...cors.exposedHeaders, "X-Request-Id"];
    response.setHeader("Access-Control-Expose-Headers", exposed.join(", "));
    if (request.method !== "OPTIONS") return listener(request, response);
    response.setHeader("Access-Control-Allow-Methods", cors.allowedMethods.join(", "));
    const headers = [...cors.allowedHeaders, "Authorization"];
    response.setHeader("Access-Control-Allow-Headers", headers.join(", "));
    response.setHeader("Access-Control-Max-Age", String(MAX_AGE_SECONDS));
    response.statusCode = 204;
    response.end();
  };
}
