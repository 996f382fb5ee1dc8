import {
  Code,
  type ConnectError,
  type ConnectRouter,
  type ContextValues,
} from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { universalRequestFromNodeRequest } from "@connectrpc/connect-node";
import type { Logger } from "pino";
import type { HttpRequest, HttpResponse } from "../http-message.js";
import { type Admit, refusalKey } from "./admission.js";
import { outcomeKey, outcomeOf } from "./call-log.js";
import { translateError } from "./interceptors.js";
import { describeMalformedRequest } from "./malformed-request.js";
import { malformedRequest, type RpcAnswer, refuse } from "./refusal.js";
import { leavingTimeToAnswer } from "./time-to-answer.js";

/** Is a call on its way to a method. */
interface Call {
  request: HttpRequest;
  response: HttpResponse;
  contextValues: ContextValues;
  admit: Admit;
  log: Logger;
}

/** Answers a call of a method, whatever is wrong with it, in the shape that its protocol has. */
export async function callMethod(
  handler: ConnectRouter["handlers"][number],
  call: Call,
): Promise<RpcAnswer> {
  const { request, contextValues } = call;
  const refuseAs = (status: number, message: string, header?: Headers) => {
    const error = malformedRequest(message, Code.InvalidArgument);
    return refuse(request, contextValues, status, error, header);
  };
  const universalRequest = readRequest(call);
  const refusal = await findRefusal(handler, universalRequest.header, call);
  contextValues.set(refusalKey, refusal);
  const answered = await handler(
    refusal ? { ...universalRequest, body: failing(refusal, contextValues) } : universalRequest,
  );
  if (answered.status === 405) {
    const allowed = handler.allowedMethods.join(", ");
    const header = new Headers({ Allow: allowed });
    return refuseAs(405, `Call ${handler.requestPath} by ${allowed}`, header);
  }
  if (answered.status === 415) {
    // A form that the method does not have is told to those who may call it.
    if (refusal) return refuse(request, contextValues, codeToHttpStatus(refusal.code), refusal);
    const json =
      handler.method.methodKind === "unary" ? "application/json" : "application/connect+json";
    return refuseAs(415, `Send Content-Type: ${json} (Connect), or that of gRPC or gRPC-Web`);
  }
  return describeMalformedRequest(answered, handler.method, contextValues);
}

function readRequest({ request, response, contextValues }: Call) {
  const read = universalRequestFromNodeRequest(request, response, undefined, contextValues);
  return { ...read, header: leavingTimeToAnswer(read.header), body: keptOpen(request) };
}

/**
 * Makes the body of a request that is not destroyed when the library stops reading it: that would leave
 * a sender in the middle of its message, deaf to the answer.
 */
async function* keptOpen(request: HttpRequest): AsyncGenerator<Uint8Array> {
  yield* request.iterator({ destroyOnReturn: false });
}

async function findRefusal(
  { method }: ConnectRouter["handlers"][number],
  header: Headers,
  { admit, contextValues, log }: Call,
): Promise<ConnectError | undefined> {
  try {
    await admit(method, header.get("Authorization"), contextValues);
    return undefined;
  } catch (error) {
    return translateError(error, log);
  }
}

/**
 * Makes a body that fails when it is read, in the place of one that is not worth reading: the library
 * then answers with the error in the shape of the call's protocol.
 */
function failing(error: ConnectError, contextValues: ContextValues): AsyncIterable<Uint8Array> {
  const next = async () => {
    contextValues.set(outcomeKey, outcomeOf(error));
    throw error;
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
