import {
  Code,
  type ConnectRouter,
  createConnectRouter,
  createContextValues,
} from "@connectrpc/connect";
import {
  compressionBrotli,
  compressionGzip,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { Logger } from "pino";
import { quoted } from "../../errors/quote.js";
import { decodeJson } from "../../fields/json-text.js";
import { recordKey, recordOf } from "../../log/request-record.js";
import type { HttpListener, HttpRequest, HttpResponse } from "../http-message.js";
import { MAX_BODY_BYTES, MAX_DEADLINE_MS } from "../ports/limits.js";
import { hostFault, pathOf, RPC_PATH } from "../request-target.js";
import type { Admit } from "./admission.js";
import { callLine } from "./call-log.js";
import { callMethod } from "./call-method.js";
import { endInTime } from "./end-in-time.js";
import { endStreams } from "./end-streams.js";
import { noteOutcome, requireAdmission, translateErrors } from "./interceptors.js";
import { malformedRequest, type RpcAnswer, refuse } from "./refusal.js";

const JSON_OPTIONS = {
  // A field that is misspelt is an error: ignoring "dryRum" would change what it should not.
  ignoreUnknownFields: false,
  // Connect reads this option, though its types do not show it. Without it bytes that are no UTF-8 are
  // taken for U+FFFD, and what is nothing but nested arrays is parsed.
  textDecoder: { decode: decodeJson },
};

/**
 * Makes the listener that serves RPCs over gRPC, gRPC-Web and Connect, and leaves paths that are none
 * to the fallback. It does what connectNodeAdapter does, and also what that does not: it looks at the
 * key before the message, logs every call, and answers with a body when host, path, method or content
 * type are wrong.
 */
export function rpcListener(options: {
  routes: (router: ConnectRouter) => void;
  admit: Admit;
  fallback: HttpListener;
  log: Logger;
  /** Aborts when Doorman stops. */
  closing: AbortSignal;
}): HttpListener {
  const { admit, fallback, log, closing } = options;
  const router = createConnectRouter({
    interceptors: [
      noteOutcome(log),
      translateErrors(log),
      requireAdmission,
      endInTime,
      endStreams(closing),
    ],
    readMaxBytes: MAX_BODY_BYTES,
    maxTimeoutMs: MAX_DEADLINE_MS,
    acceptCompression: [compressionGzip, compressionBrotli],
    jsonOptions: JSON_OPTIONS,
  });
  options.routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  async function answer(request: HttpRequest, response: HttpResponse, path: string): Promise<void> {
    const handler = handlers.get(path);
    const contextValues = createContextValues();
    const record = recordOf(request);
    record.hasLine = true;
    contextValues.set(recordKey, record);
    const logLine = callLine(log, handler?.method, contextValues);
    response.once("close", () => logLine());
    const refuseAs = (status: number, message: string, code: Code) =>
      refuse(request, contextValues, status, malformedRequest(message, code));
    const fault = hostFault(request);
    let answered: RpcAnswer;
    if (fault !== undefined) {
      answered = refuseAs(400, fault, Code.InvalidArgument);
    } else if (handler === undefined) {
      answered = refuseAs(404, `There is no method at ${quoted(path)}`, Code.Unimplemented);
    } else {
      answered = await callMethod(handler, { request, response, contextValues, admit, log });
    }
    const finish = () => {
      logLine(answered.status);
      // A sender whose message is too large has to get rid of all of it before it hears the answer.
      request.resume();
    };
    const written = { ...answered, body: thenDo(answered.body, finish) };
    await universalResponseToNodeResponse(written, response);
  }

  return (request, response) => {
    const path = pathOf(request);
    if (!RPC_PATH.test(path)) return fallback(request, response);
    answer(request, response, path).catch((error: unknown) => {
      if (response.destroyed) log.debug({ err: error }, "the caller went away");
      else log.error({ err: error }, "an answer could not be written");
      response.destroy();
    });
  };
}

async function* thenDo(body: RpcAnswer["body"], task: () => void): AsyncGenerator<Uint8Array> {
  try {
    if (body) yield* body;
  } finally {
    task();
  }
}
