import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { create, type DescMessage, type DescMethod, toBinary, toJson } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  type ContextValues,
  createContextKey,
  type Interceptor,
} from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { findTrailerError, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { type ErrorDetail, ErrorDetailSchema, ErrorReason } from "../../gen/doorman/v1/error_pb.js";

/** Is what one RPC handler of the Connect library answers. */
export type RpcAnswer = Awaited<ReturnType<ConnectRouter["handlers"][number]>>;

/** Whether a call's message was read, so that whatever fails from there on is not the request's form. */
const wasRead = createContextKey(false, { description: "the message was read" });

/** Notes that a call's message was read; must be the first interceptor. */
export const markAsRead: Interceptor = (next) => (request) => {
  request.contextValues.set(wasRead, true);
  return next(request);
};

/**
 * Adds the typed detail to what the Connect library itself refuses before any interceptor runs: a
 * request that it cannot read. Some of these it calls internal errors, which they are not. (In
 * gRPC-Web, which carries the status in its body, they stay as the library has them.)
 */
export async function describeMalformedRequest(
  answer: RpcAnswer,
  method: DescMethod,
  contextValues: ContextValues,
): Promise<RpcAnswer> {
  if (answer.trailer && answer.body) {
    return { ...answer, body: describeInTrailer(answer.body, answer.trailer, contextValues) };
  }
  const isRefusal =
    answer.status >= 400 && answer.header?.get("Content-Type") === "application/json";
  if (!isRefusal || contextValues.get(wasRead) || answer.body === undefined) return answer;
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  const { code, message } = JSON.parse(decompress(answer, Buffer.concat(chunks)).toString());
  const isMiscalled = code === "internal" || code === "unknown";
  const field = fieldOf(message, method);
  const body = connectErrorBody({
    code: isMiscalled ? "invalid_argument" : code,
    message: field === undefined ? message : `${field}: ${message}`,
    field,
  });
  answer.header?.delete("Content-Encoding");
  answer.header?.set("Content-Length", String(body.byteLength));
  return {
    ...answer,
    status: isMiscalled ? 400 : answer.status,
    body: createAsyncIterable([body]),
  };
}

/** Writes the body of an error about a malformed request, in the form that the Connect protocol has. */
export function connectErrorBody(error: {
  code: string;
  message: string;
  field?: string | undefined;
}): Buffer {
  const { code, message, field } = error;
  const detail = malformedRequestDetail(field);
  const value = Buffer.from(toBinary(ErrorDetailSchema, detail)).toString("base64");
  const details = [
    {
      type: ErrorDetailSchema.typeName,
      value: value.replace(/=+$/, ""),
      debug: toJson(ErrorDetailSchema, detail),
    },
  ];
  return Buffer.from(JSON.stringify({ code, message, details }));
}

function malformedRequestDetail(field?: string): ErrorDetail {
  const metadata: Record<string, string> = field === undefined ? {} : { field };
  return create(ErrorDetailSchema, { reason: ErrorReason.MALFORMED_REQUEST, metadata });
}

async function* describeInTrailer(
  body: AsyncIterable<Uint8Array>,
  trailer: Headers,
  contextValues: ContextValues,
): AsyncIterable<Uint8Array> {
  yield* body;
  const error = findTrailerError(trailer);
  if (error === undefined || contextValues.get(wasRead)) return;
  const isMiscalled = error.code === Code.Internal || error.code === Code.Unknown;
  const code = isMiscalled ? Code.InvalidArgument : error.code;
  const detail = { desc: ErrorDetailSchema, value: malformedRequestDetail() };
  setTrailerStatus(trailer, new ConnectError(error.rawMessage, code, undefined, [detail]));
}

function decompress(answer: RpcAnswer, body: Buffer): Buffer {
  switch (answer.header?.get("Content-Encoding")) {
    case "gzip":
      return gunzipSync(body);
    case "br":
      return brotliDecompressSync(body);
    default:
      return body;
  }
}

/** Answers which field a refusal by the library is about: it names the field, or only its type. */
function fieldOf(message: string, method: DescMethod): string | undefined {
  const named = /^cannot decode field \S+\.(\w+) from JSON/.exec(message)?.[1];
  if (named !== undefined) return named;
  const type = /^cannot decode (?:message|enum) (\S+) from JSON/.exec(message)?.[1];
  return type === undefined ? undefined : pathTo(method.input, type);
}

function pathTo(message: DescMessage, type: string): string | undefined {
  for (const field of message.fields) {
    if (field.message?.typeName === type || field.enum?.typeName === type) return field.name;
    const rest = field.message && pathTo(field.message, type);
    if (rest !== undefined) return `${field.name}.${rest}`;
  }
  return undefined;
}
