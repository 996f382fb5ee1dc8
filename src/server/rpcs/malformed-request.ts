import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type ContextValues } from "@connectrpc/connect";
import { createAsyncIterable, encodeEnvelope } from "@connectrpc/connect/protocol";
import { errorFromJsonBytes } from "@connectrpc/connect/protocol-connect";
import { findTrailerError, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerParse, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { quoted } from "../../errors/quote.js";
import { outcomeKey, outcomeOf } from "./call-log.js";
import { connectErrorBody, malformedRequest, type RpcAnswer } from "./refusal.js";

/** How many bytes stand before the message of an envelope: the flags, and its length. */
const ENVELOPE_PREFIX_BYTES = 5;

/**
 * Adds the typed detail to what the Connect library itself refuses before any interceptor runs: a
 * request that it cannot read. Some of these it calls internal errors, which they are not.
 */
export async function describeMalformedRequest(
  answer: RpcAnswer,
  method: DescMethod,
  contextValues: ContextValues,
): Promise<RpcAnswer> {
  if (answer.body === undefined) return answer;
  const type = answer.header?.get("Content-Type") ?? "";
  if (answer.trailer) {
    return { ...answer, body: describeInTrailer(answer.body, answer.trailer, contextValues) };
  }
  if (type.startsWith("application/grpc-web")) {
    return { ...answer, body: describeInTrailerFrame(answer.body, contextValues) };
  }
  const isRefusal = answer.status >= 400 && type === "application/json";
  if (!isRefusal || contextValues.get(outcomeKey)) return answer;
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  const json = decompress(answer, Buffer.concat(chunks));
  const refusal = errorFromJsonBytes(json, undefined, new ConnectError("", Code.Internal));
  const error = describe(refusal, contextValues, method);
  const body = connectErrorBody(error);
  answer.header?.delete("Content-Encoding");
  answer.header?.set("Content-Length", String(body.byteLength));
  return {
    ...answer,
    status: error.code === refusal.code ? answer.status : 400,
    body: createAsyncIterable([body]),
  };
}

/** Makes of an error of the library's what the caller is to see, and notes it for the log. */
function describe(
  refusal: ConnectError,
  contextValues: ContextValues,
  method?: DescMethod,
): ConnectError {
  const error = describeUnreadable(refusal, method);
  contextValues.set(outcomeKey, outcomeOf(error));
  return error;
}

/**
 * Makes of an error of the library's about a message that it cannot read what the caller is to see.
 * @param method what was called, where the message was JSON, whose fields the error may name
 */
export function describeUnreadable(
  { code, rawMessage }: ConnectError,
  method?: DescMethod,
): ConnectError {
  const field = method && fieldOf(rawMessage, method);
  const isMiscalled = code === Code.Internal || code === Code.Unknown;
  const said = withShortQuotes(rawMessage);
  const message = field === undefined ? said : `${field}: ${said}`;
  return malformedRequest(message, isMiscalled ? Code.InvalidArgument : code, field);
}

/** Returns a message of the library's with what it quotes of the request cut short. */
function withShortQuotes(message: string): string {
  const [beginning = ""] = /^cannot decode .*? from JSON:?/.exec(message) ?? [];
  return beginning + quoted(message.slice(beginning.length));
}

/** gRPC has the status in the HTTP trailers, which are complete when the body ends. */
async function* describeInTrailer(
  body: AsyncIterable<Uint8Array>,
  trailer: Headers,
  contextValues: ContextValues,
): AsyncIterable<Uint8Array> {
  yield* body;
  const error = findTrailerError(trailer);
  if (error === undefined || contextValues.get(outcomeKey)) return;
  setTrailerStatus(trailer, describe(error, contextValues));
}

/** gRPC-Web has it in the last frame of the body; the library gives each frame as one chunk. */
async function* describeInTrailerFrame(
  body: AsyncIterable<Uint8Array>,
  contextValues: ContextValues,
): AsyncIterable<Uint8Array> {
  for await (const frame of body) {
    const trailer =
      frame[0] === trailerFlag && !contextValues.get(outcomeKey)
        ? trailerParse(frame.subarray(ENVELOPE_PREFIX_BYTES))
        : undefined;
    const error = trailer && findTrailerError(trailer);
    if (trailer && error) {
      setTrailerStatus(trailer, describe(error, contextValues));
      yield encodeEnvelope(trailerFlag, trailerSerialize(trailer));
    } else {
      yield frame;
    }
  }
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
