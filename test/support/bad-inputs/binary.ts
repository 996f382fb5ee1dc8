import { create, toBinary } from "@bufbuild/protobuf";
import { SetUserHatsRequestSchema } from "../../../gen/doorman/v1/hat_service_pb.js";
import {
  type CreateInviteRequest,
  CreateInviteRequestSchema,
} from "../../../gen/doorman/v1/invite_service_pb.js";
import { SetContactRequestSchema } from "../../../gen/doorman/v1/roster_service_pb.js";
import { type BadInput, type Expected, http, invalid, malformed } from "./bad-input.js";
import { GET_ROSTER } from "./post-rpc.js";
import { ROOM, USER, WEARER } from "./stage.js";

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

/** Are messages in binary that cannot be read, or that JSON could not say. */
export const BAD_BINARY: BadInput[] = [
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
