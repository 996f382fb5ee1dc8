import type { HttpRequest } from "./http-message.js";

/** What the paths of methods look like, of whatever service: `/PACKAGE.SERVICE/METHOD`. */
export const RPC_PATH = /^\/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\/[A-Za-z_]\w*$/;

/** Answers the path of a request, without the query. */
export function pathOf(request: HttpRequest): string {
  return request.url?.split("?", 1)[0] ?? "";
}

/** Brings the target of an HTTP/1 request into the one form that is routed: a path, and a Host header. */
export function normaliseTarget(request: HttpRequest): void {
  if ("stream" in request) return;
  const [, host, path = ""] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(request.url ?? "") ?? [];
  if (host !== undefined) {
    // RFC 9112 section 3.2.2: a full URL is good for any server, and its host is the one that counts.
    request.headers.host = host;
    request.url = path.startsWith("/") ? path : `/${path}`;
  }
  // It came with HTTP/1.1; the checks of old load balancers do without.
  if (request.httpVersion === "1.0") request.headers.host ??= "localhost";
}
