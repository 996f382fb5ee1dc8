import { hostnameOf, namedHosts } from "../limits/named-hosts.js";
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

/** Returns why the host that a request names is malformed; undefined when it is well-formed. */
export function hostFault(request: HttpRequest): string | undefined {
  const isHttp2 = "stream" in request;
  const authority = (isHttp2 ? request.authority : request.headers.host) ?? "";
  const named = namedHosts(request);
  const hostnames = [authority, ...named].map(hostnameOf);
  if (hostnames.includes(undefined)) {
    return "The Host header is malformed: send HOST or HOST:PORT, such as 127.0.0.1:5280";
  }
  // RFC 9113 section 8.3.1.
  if (isHttp2 && new Set(hostnames).size > 1) {
    return "The request is malformed: :authority and the Host header name different hosts";
  }
  // RFC 9112 section 3.2.
  if (!isHttp2 && named.length > 1) return "The request is malformed: send one Host header";
  return undefined;
}
