import { connect, type IncomingHttpHeaders } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { Code } from "@connectrpc/connect";
import { ErrorDetailSchema, ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { SetUserHatsRequestSchema } from "../../../gen/doorman/v1/hat_service_pb.js";
import {
  type CreateInviteRequest,
  CreateInviteRequestSchema,
} from "../../../gen/doorman/v1/invite_service_pb.js";
import { SetContactRequestSchema } from "../../../gen/doorman/v1/roster_service_pb.js";
import { type Answer, type BadInput, type Expected, http, invalid, malformed } from "./bad-input.js";
import { ROOM, type Stage, USER, WEARER } from "./stage.js";

const TIMEOUT_MS = 20_000;
const LARGE = 1024 * 1024 + 1;

/** Posts binary protobuf over Connect. */
function binary(name: string, path: string, body: Uint8Array, expected: Expected): BadInput {
  return http(
    `a binary message with ${name}`,
    path,
    ({ key }) => ({
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/proto" },
      body,
    }),
    expected,
  );
}

const GET_ROSTER = "/doorman.v1.RosterService/GetRoster";
const SET_CONTACT = "/doorman.v1.RosterService/SetContact";
const CREATE_INVITE = "/doorman.v1.InviteService/CreateInvite";
const SET_HATS = "/doorman.v1.HatService/SetUserHats";

const invite = (expiration: CreateInviteRequest["expiration"]) =>
  toBinary(CreateInviteRequestSchema, create(CreateInviteRequestSchema, { expiration }));
const ttl = (seconds: bigint, nanos = 0) =>
  invite({ case: "ttl", value: { $typeName: "google.protobuf.Duration", seconds, nanos } });
const expireTime = (seconds: bigint, nanos = 0) =>
  invite({
    case: "expireTime",
    value: { $typeName: "google.protobuf.Timestamp", seconds, nanos },
  });

/** SetUserHats with one hat, whose id cannot be a key of an object literal. */
function hatsWithPrototype(): Uint8Array {
  const id = "__proto__";
  const message = create(SetUserHatsRequestSchema, { userJid: WEARER, roomJid: ROOM });
  // Field 3, a map entry of key 1 and no value (protobuf encoding, "Maps").
  const entry = [0x0a, id.length, ...Buffer.from(id)];
  return Buffer.concat([
    toBinary(SetUserHatsRequestSchema, message),
    Buffer.from([0x1a, entry.length, ...entry]),
  ]);
}

const BINARY: BadInput[] = [
  binary("garbage", GET_ROSTER, Buffer.from("ffffffffff", "hex"), malformed()),
  binary("a field cut short", GET_ROSTER, Buffer.from("0a20616263", "hex"), malformed()),
  binary("a length of 4 GiB", GET_ROSTER, Buffer.from("0affffffff0f61", "hex"), malformed()),
  binary("a field number of zero", GET_ROSTER, Buffer.from("0001", "hex"), malformed()),
  binary("a text that is no UTF-8", GET_ROSTER, Buffer.from("0a03ff4061", "hex"), malformed()),
  binary("groups open 100,000 deep", GET_ROSTER, Buffer.alloc(100_000, 0x0b), malformed()),
  binary("a ttl beyond what ProtoJSON has", CREATE_INVITE, ttl(315_576_000_001n), invalid("ttl")),
  binary("the longest ttl", CREATE_INVITE, ttl(2n ** 63n - 1n), invalid("ttl")),
  binary("the most negative ttl", CREATE_INVITE, ttl(-(2n ** 63n)), invalid("ttl")),
  binary("a ttl with two signs", CREATE_INVITE, ttl(60n, -1), invalid("ttl")),
  binary("a ttl with too many nanoseconds", CREATE_INVITE, ttl(60n, 2_000_000_000), invalid("ttl")),
  binary(
    "an expire_time beyond what ProtoJSON has",
    CREATE_INVITE,
    expireTime(253_402_300_800n),
    invalid("expire_time"),
  ),
  binary("the last expire_time", CREATE_INVITE, expireTime(2n ** 63n - 1n), invalid("expire_time")),
  binary("the first expire_time", CREATE_INVITE, expireTime(-(2n ** 63n)), invalid("expire_time")),
  binary(
    "an expire_time with negative nanoseconds",
    CREATE_INVITE,
    expireTime(BigInt(Math.floor(Date.now() / 1000) + 3600), -1),
    invalid("expire_time"),
  ),
  binary(
    "an unknown subscription",
    SET_CONTACT,
    toBinary(
      SetContactRequestSchema,
      create(SetContactRequestSchema, {
        userJid: USER,
        contact: { jid: "marie@example.com", subscription: 99 as never },
      }),
    ),
    invalid("contact.subscription"),
  ),
  binary("__proto__ for a hat id", SET_HATS, hatsWithPrototype(), invalid("hats")),
];

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
    const timer = setTimeout(() => done(new Error("no answer over gRPC")), TIMEOUT_MS);
    session.on("error", done);
    stream.on("error", done);
    // A refusal may come as headers alone, or as trailers.
    stream.on("response", (received) => {
      seen = { ...seen, ...received };
    });
    stream.on("trailers", (received) => {
      seen = { ...seen, ...received };
    });
    stream.on("close", () => done());
    stream.resume();
    stream.end(body);
  });
}

function readGrpc(seen: IncomingHttpHeaders): Answer {
  const code = Number(seen["grpc-status"] ?? -1);
  const bin = String(seen["grpc-status-details-bin"] ?? "");
  const detail = bin === "" ? undefined : readDetail(base64Decode(bin));
  return {
    status: Number(seen[":status"]),
    code: (Code[code] ?? "").replace(/[a-z](?=[A-Z])/g, "$&_").toLowerCase(),
    reason: detail ? (ErrorReason[detail.reason] ?? "") : "",
    metadata: detail?.metadata ?? {},
    text: decodeURIComponent(String(seen["grpc-message"] ?? "")),
  };
}
