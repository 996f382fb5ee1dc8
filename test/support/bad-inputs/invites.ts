import { type BadInput, type Expected, invalid, malformed, notFound, rpc } from "./bad-input.js";
import type { Stage } from "./stage.js";

type Message = object | ((stage: Stage) => object);

const create = (name: string, message: Message, expected: Expected) =>
  rpc(name, "InviteService/CreateInvite", message, expected);
const requestIdReused: Expected = { ...invalid("request_id"), reason: "REQUEST_ID_REUSED" };

const CREATE: BadInput[] = [
  create("a negative ttl", { ttl: "-5s" }, invalid("ttl")),
  create("a ttl of zero", { ttl: "0s" }, invalid("ttl")),
  create("a ttl of less than a second", { ttl: "0.999s" }, invalid("ttl")),
  create("a ttl of ten years and a second", { ttl: "315360001s" }, invalid("ttl")),
  create("a ttl of ten thousand years", { ttl: "315576000000s" }, invalid("ttl")),
  create("a ttl beyond what ProtoJSON has", { ttl: "315576000001s" }, malformed("ttl")),
  create("a ttl in days", { ttl: "7d" }, malformed("ttl")),
  create("a ttl without unit", { ttl: "3600" }, malformed("ttl")),
  create("a ttl that is a number", { ttl: 3600 }, malformed("ttl")),
  create("an empty ttl", { ttl: "" }, malformed("ttl")),
  create("a ttl that is a message", { ttl: { seconds: 5 } }, malformed("ttl")),
  create(
    "an expire_time in the past",
    { expireTime: "2020-01-01T00:00:00Z" },
    invalid("expire_time"),
  ),
  create(
    "an expire_time of now",
    () => ({ expireTime: new Date().toISOString() }),
    invalid("expire_time"),
  ),
  create(
    "an expire_time at the end of time",
    { expireTime: "9999-12-31T23:59:59Z" },
    invalid("expire_time"),
  ),
  create(
    "an expire_time beyond what ProtoJSON has",
    { expireTime: "10000-01-01T00:00:00Z" },
    malformed(/expire_?time/i),
  ),
  create("an expire_time in words", { expireTime: "tomorrow" }, malformed(/expire_?time/i)),
  create(
    "an expire_time without a time zone",
    { expireTime: "2030-01-01T00:00:00" },
    malformed(/expire_?time/i),
  ),
  create("an expire_time that is a number", { expireTime: 1893456000 }, malformed(/expire_?time/i)),
  create(
    "both ttl and expire_time",
    { ttl: "60s", expireTime: "2030-01-01T00:00:00Z" },
    malformed(/expire_time.*ttl|ttl.*expire_time/),
  ),
  create("a negative max_uses", { maxUses: -1 }, invalid("max_uses")),
  create("a max_uses of 1,000,001", { maxUses: 1_000_001 }, invalid("max_uses")),
  create("a max_uses beyond 32 bits", { maxUses: 2 ** 31 }, malformed("max_uses")),
  create("a max_uses that is a fraction", { maxUses: 1.5 }, malformed("max_uses")),
  create("a max_uses that is a word", { maxUses: "three" }, malformed("max_uses")),
  create("a max_uses that is a boolean", { maxUses: true }, malformed("max_uses")),
  create("max_uses in both spellings", { maxUses: 2, max_uses: 3 }, malformed("max_uses")),
  create("two uses of a preset username", { username: "jane", maxUses: 2 }, invalid("max_uses")),
  create("a JID for a username", { username: "jane@example.com" }, invalid("username")),
  create("a space in the username", { username: "jane doe" }, invalid("username")),
  create("a control character in the username", { username: "ja\u0000ne" }, invalid("username")),
  create("an ampersand in the username", { username: "ja&ne" }, invalid("username")),
  create("a username of 1,024 bytes", { username: "a".repeat(1024) }, invalid("username")),
  create("a username that is a list", { username: ["jane"] }, malformed("username")),
  create("a request_id of 129 characters", { requestId: "a".repeat(129) }, invalid("request_id")),
  create("a request_id with a space", { requestId: "a b" }, invalid("request_id")),
  create("a request_id that is not ASCII", { requestId: "é" }, invalid("request_id")),
  create("a request_id with a line end", { requestId: "a\n" }, invalid("request_id")),
  create("a request_id that is a number", { requestId: 5 }, malformed("request_id")),
  create(
    "the request_id of a different request",
    { requestId: "used", note: "another" },
    requestIdReused,
  ),
];

const TOKENS: BadInput[] = ["GetInvite", "RevokeInvite"].flatMap((name) => {
  const method = `InviteService/${name}`;
  const unknown = notFound("INVITE_NOT_FOUND");
  return [
    rpc("no token", method, {}, invalid("token")),
    rpc("a token that is a number", method, { token: 5 }, malformed("token")),
    rpc("an unknown token", method, { token: "A".repeat(24) }, unknown),
    rpc("a token of 100,000 characters", method, { token: "A".repeat(100_000) }, unknown),
    rpc("a token with a NUL", method, { token: "A\u0000" }, unknown),
    rpc("a token of another host", method, ({ otherInvite }) => ({ token: otherInvite }), unknown),
  ];
});

/** Are invites to create and to find that no method takes. */
export const BAD_INVITES: BadInput[] = [...CREATE, ...TOKENS];
