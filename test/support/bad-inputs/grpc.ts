import { connect, type IncomingHttpHeaders } from "node:http2";
import { gzipSync } from "node:zlib";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { ErrorDetailSchema, ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { PATIENCE_MS } from "../patience.js";
import {
  type Answer,
  type BadInput,
  type Expected,
  invalid,
  unauthenticated,
} from "./bad-input.js";
import { GET_ROSTER, LARGE } from "./post-rpc.js";
import { type Stage, USER } from "./stage.js";

/** Calls GetRoster over gRPC with frames of one's own (gRPC over HTTP2, "Length-Prefixed-Message"). */
function grpc(
  name: string,
  frames: Uint8Array,
  expected: Expected,
  headers: Record<string, string> = {},
): BadInput {
  return {
    name: `gRPC with ${name}`,
    send: async ({ doorman, key }: Stage) => {
      const seen = await callGrpc(doorman.url, frames, {
        ":method": "POST",
        ":path": GET_ROSTER,
        "content-type": "application/grpc",
        te: "trailers",
        authorization: `Bearer ${key}`,
        ...headers,
      });
      return readGrpc(seen);
    },
    expected,
  };
}

function frame(message: Uint8Array, flags = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flags);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

function callGrpc(
  url: string,
  body: Uint8Array,
  headers: Record<string, string>,
): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const session = connect(url);
    const stream = session.request(headers);
    let seen: IncomingHttpHeaders = {};
    const done = (error?: Error) => {
      clearTimeout(timer);
      session.destroy();
      if (error) reject(error);
      else resolve(seen);
    };
    const timer = setTimeout(() => done(new Error("no answer over gRPC")), PATIENCE_MS);
    session.on("error", done);
    stream.on("error", done);
    // A refusal may come as headers alone, or as trailers.
    stream.on("response", (received) => {
      seen = { ...seen, ...received };
    });
    stream.on("trailers", (received) => {
      seen = { ...seen, ...received };
    });
    // Not "close", which waits for a body that the server need not read to refuse it.
    stream.on("end", () => done());
    stream.resume();
    stream.end(body);
  });
}

/** Reads headers and trailers; an OK has no code. */
function readGrpc(seen: IncomingHttpHeaders): Answer {
  const headers = new Headers();
  for (const [name, value] of Object.entries(seen)) {
    if (!name.startsWith(":")) headers.set(name, String(value));
  }
  const error = findTrailerError(headers);
  const [detail] = error?.findDetails(ErrorDetailSchema) ?? [];
  return {
    status: Number(seen[":status"]),
    code: error ? codeToString(error.code) : "",
    reason: detail ? ErrorReason[detail.reason] : "",
    metadata: detail?.metadata ?? {},
    text: error?.rawMessage ?? "",
  };
}

const refused = (code: string, text: string | RegExp = ""): Expected => ({
  status: 200,
  code,
  reason: "MALFORMED_REQUEST",
  text,
});
const rightMessage = Buffer.concat([Buffer.from([0x0a, USER.length]), Buffer.from(USER)]);

/** Are calls over gRPC that are wrong in its own way. */
export const BAD_GRPC: BadInput[] = [
  grpc("no frame", Buffer.alloc(0), refused("unimplemented")),
  grpc("a frame header cut short", Buffer.from([0, 0, 0]), refused("invalid_argument")),
  grpc("a frame cut short", frame(rightMessage, 0, 100), refused("invalid_argument")),
  grpc("a frame of 4 GiB", frame(rightMessage, 0, 2 ** 32 - 1), refused("resource_exhausted")),
  grpc("a frame of more than 1 MiB", frame(Buffer.alloc(LARGE)), refused("resource_exhausted")),
  grpc(
    "two frames",
    Buffer.concat([frame(rightMessage), frame(rightMessage)]),
    refused("unimplemented"),
  ),
  grpc("garbage for frames", Buffer.from("garbage".repeat(10)), refused("resource_exhausted")),
  grpc("a message that is garbage", frame(Buffer.from([0xff, 0xff])), refused("invalid_argument")),
  grpc(
    "a compressed frame without an encoding",
    frame(rightMessage, 1),
    refused("invalid_argument"),
  ),
  grpc("a frame that is not in gzip", frame(rightMessage, 1), refused("invalid_argument"), {
    "grpc-encoding": "gzip",
  }),
  grpc("a gzip bomb", frame(gzipSync(Buffer.alloc(16 * LARGE)), 1), refused("resource_exhausted"), {
    "grpc-encoding": "gzip",
  }),
  grpc("an unknown encoding", frame(rightMessage), refused("unimplemented"), {
    "grpc-encoding": "zstd",
  }),
  grpc("a timeout in words", frame(rightMessage), refused("invalid_argument"), {
    "grpc-timeout": "soon",
  }),
  grpc(
    "a JID with a resource",
    frame(Buffer.concat([Buffer.from([0x0a, USER.length + 2]), Buffer.from(`${USER}/a`)])),
    { ...invalid("user_jid"), status: 200 },
  ),
  grpc(
    "a wrong key",
    frame(rightMessage),
    { ...unauthenticated("KEY_INVALID"), status: 200 },
    { authorization: "Bearer AAAAAAAA/BBBB" },
  ),
];
