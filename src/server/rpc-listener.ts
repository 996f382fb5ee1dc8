import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { create, toBinary, toJson } from "@bufbuild/protobuf";
import { type ConnectRouter, createConnectRouter, type Interceptor } from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { Logger } from "pino";
import { ErrorDetailSchema, ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { MAX_BODY_BYTES } from "./limits.js";

/** Is a request as the servers of HTTP/1.1 and HTTP/2 give it. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** Is the answer to an HttpRequest. */
export type HttpResponse = ServerResponse | Http2ServerResponse;
/** Answers requests of HTTP/1.1 and HTTP/2 alike. */
export type HttpListener = (request: HttpRequest, response: HttpResponse) => void;

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
    interceptors: options.interceptors,
    readMaxBytes: MAX_BODY_BYTES,
    acceptCompression: [compressionGzip, compressionBrotli],
    // A field that is misspelt is an error: ignoring "dryRum" would change what it should not.
    jsonOptions: { ignoreUnknownFields: false },
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
      options.log.debug({ err: error }, "the caller went away");
      response.destroy();
    });
  };
}

type Handler = ConnectRouter["handlers"][number];

async function answer(request: HttpRequest, response: HttpResponse, handler: Handler) {
  const universalRequest = readRequest(request, response);
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
  await universalResponseToNodeResponse(await withDetail(answered), response);
}

type Answer = Awaited<ReturnType<Handler>>;

/**
 * Adds the typed detail to what the Connect library itself refuses before any interceptor runs: a
 * body that it cannot read.
 */
async function withDetail(answered: Answer): Promise<Answer> {
  const isRefusal =
    answered.status >= 400 && answered.header?.get("Content-Type") === "application/json";
  if (!isRefusal || answered.body === undefined) return answered;
  const chunks: Uint8Array[] = [];
  for await (const chunk of answered.body) chunks.push(chunk);
  const error = JSON.parse(Buffer.concat(chunks).toString());
  const body = Buffer.from(
    JSON.stringify({ ...error, details: error.details ?? [MALFORMED_REQUEST_DETAIL] }),
  );
  answered.header?.set("Content-Length", String(body.byteLength));
  return { ...answered, body: createAsyncIterable([body]) };
}

const MALFORMED_REQUEST = create(ErrorDetailSchema, { reason: ErrorReason.MALFORMED_REQUEST });
/** In the form that the Connect protocol gives error details in JSON. */
const MALFORMED_REQUEST_DETAIL = {
  type: ErrorDetailSchema.typeName,
  value: Buffer.from(toBinary(ErrorDetailSchema, MALFORMED_REQUEST))
    .toString("base64")
    .replace(/=+$/, ""),
  debug: toJson(ErrorDetailSchema, MALFORMED_REQUEST),
};

function readRequest(request: HttpRequest, response: HttpResponse) {
  try {
    return universalRequestFromNodeRequest(request, response, undefined, undefined);
  } catch {
    return undefined;
  }
}

function refuse(response: HttpResponse, status: number, message: string): void {
  // HTTP/1.1 cannot take the next request before this one's body has been read.
  if (!("stream" in response)) response.setHeader("Connection", "close");
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json");
  response.end(
    JSON.stringify({ code: "invalid_argument", message, details: [MALFORMED_REQUEST_DETAIL] }),
  );
}
