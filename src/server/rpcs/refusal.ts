import { create, toBinary, toJson } from "@bufbuild/protobuf";
import {
  type Code,
  ConnectError,
  type ConnectRouter,
  type ContextValues,
} from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import {
  type ErrorDetail,
  ErrorDetailSchema,
  ErrorReason,
} from "../../../gen/doorman/v1/error_pb.js";
import type { HttpRequest } from "../http-message.js";
import { outcomeKey, outcomeOf } from "./call-log.js";

/** Is what one RPC handler of the Connect library answers. */
export type RpcAnswer = Awaited<ReturnType<ConnectRouter["handlers"][number]>>;

/** Makes the error about a request that is none. @param field the one that is to blame, where one is */
export function malformedRequest(message: string, code: Code, field?: string): ConnectError {
  const detail: ErrorDetail = create(ErrorDetailSchema, {
    reason: ErrorReason.MALFORMED_REQUEST,
    metadata: field === undefined ? {} : { field },
  });
  return new ConnectError(message, code, undefined, [{ desc: ErrorDetailSchema, value: detail }]);
}

/** Writes the body of an error in the form that the Connect protocol has. */
export function connectErrorBody(error: ConnectError): Buffer {
  const details = error.findDetails(ErrorDetailSchema).map((detail) => ({
    type: ErrorDetailSchema.typeName,
    value: Buffer.from(toBinary(ErrorDetailSchema, detail)).toString("base64").replace(/=+$/, ""),
    debug: toJson(ErrorDetailSchema, detail),
  }));
  return Buffer.from(
    JSON.stringify({ code: codeToString(error.code), message: error.rawMessage, details }),
  );
}

/** Refuses a request that reaches no method, without reading its body. */
export function refuse(
  request: HttpRequest,
  contextValues: ContextValues,
  status: number,
  error: ConnectError,
  header = new Headers(),
): RpcAnswer {
  contextValues.set(outcomeKey, outcomeOf(error));
  // HTTP/1.1 cannot take the next request before this one's body has been read.
  if (!("stream" in request)) header.set("Connection", "close");
  const type = request.headers["content-type"] ?? "";
  if (status === 404 && type.startsWith("application/grpc")) {
    // Trailers alone (gRPC over HTTP2, "Responses"), which gRPC-Web takes too. Another status would say
    // that a proxy is broken.
    header.set("Content-Type", type);
    setTrailerStatus(header, error);
    return { status: 200, header };
  }
  const body = connectErrorBody(error);
  header.set("Content-Type", "application/json");
  header.set("Content-Length", String(body.byteLength));
  return { status, header, body: createAsyncIterable([body]) };
}
