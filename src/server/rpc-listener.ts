import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import {
  type ConnectRouter,
  type ContextValues,
  createConnectRouter,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { Logger } from "pino";
import { MAX_BODY_BYTES, MAX_DEADLINE_MS } from "./limits.js";
import { connectErrorBody, describeMalformedRequest, markAsRead } from "./malformed-request.js";

/** Is a request as the servers of HTTP/1.1 and HTTP/2 give it. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** Is the answer to an HttpRequest. */
export type HttpResponse = ServerResponse | Http2ServerResponse;
/** Answers requests of HTTP/1.1 and HTTP/2 alike. */
export type HttpListener = (request: HttpRequest, response: HttpResponse) => void;

const JSON_OPTIONS = {
  // A field that is misspelt is an error: ignoring "dryRum" would change what it should not.
  ignoreUnknownFields: false,
  // Connect reads this option, though its types do not show it. Without it bytes that are no UTF-8 are
  // taken for U+FFFD.
  textDecoder: new TextDecoder("utf-8", { fatal: true }),
};

/**
 * Makes the listener that serves RPCs over gRPC, gRPC-Web and Connect, and leaves every other path to
 * the fallback. It does what connectNodeAdapter does, and also what that does not: it answers with a
 * body when method or content type are wrong, and survives a Host header that makes no URL.
 */
export function rpcListener(options: {
  routes: (router: ConnectRouter) => void;
  interceptors: Interceptor[];
  fallback: HttpListener;
  log: Logger;
}): HttpListener {
  const router = createConnectRouter({
    interceptors: [markAsRead, ...options.interceptors],
    readMaxBytes: MAX_BODY_BYTES,
    maxTimeoutMs: MAX_DEADLINE_MS,
    acceptCompression: [compressionGzip, compressionBrotli],
    jsonOptions: JSON_OPTIONS,
  });
  options.routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  return (request, response) => {
    const handler = handlers.get(request.url?.split("?", 1)[0] ?? "");
    if (handler === undefined) {
      options.fallback(request, response);
      return;
    }
    answer(request, response, handler).catch((error: unknown) => {
      if (response.destroyed) options.log.debug({ err: error }, "the caller went away");
      else options.log.error({ err: error }, "an answer could not be written");
      response.destroy();
    });
  };
}

type Handler = ConnectRouter["handlers"][number];

async function answer(request: HttpRequest, response: HttpResponse, handler: Handler) {
  const contextValues = createContextValues();
  const universalRequest = readRequest(request, response, contextValues);
  if (universalRequest === undefined) {
    return refuse(response, 400, "The Host header or the path is malformed");
  }
  const answered = await handler(universalRequest);
  if (answered.status === 405) {
    const allowed = handler.allowedMethods.join(", ");
    response.setHeader("Allow", allowed);
    return refuse(response, 405, `Call ${handler.requestPath} by ${allowed}`);
  }
  if (answered.status === 415) {
    return refuse(
      response,
      415,
      "Send Content-Type: application/json (Connect), or that of gRPC or gRPC-Web",
    );
  }
  const described = await describeMalformedRequest(answered, handler.method, contextValues);
  await universalResponseToNodeResponse(described, response);
}

function readRequest(request: HttpRequest, response: HttpResponse, contextValues: ContextValues) {
  // RFC 9112 section 3.2. What follows a slash would be taken for the path's beginning.
  if (/[\s/\\?#@]/.test(request.headers.host ?? "")) return undefined;
  try {
    return universalRequestFromNodeRequest(request, response, undefined, contextValues);
  } catch {
    return undefined;
  }
}

function refuse(response: HttpResponse, status: number, message: string): void {
  // HTTP/1.1 cannot take the next request before this one's body has been read.
  if (!("stream" in response)) response.setHeader("Connection", "close");
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json");
  response.end(connectErrorBody({ code: "invalid_argument", message }));
}
