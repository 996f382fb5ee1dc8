import { type BadInput, type Expected, invalid, malformed, notFound, rpc } from "./bad-input.js";
import { type Stage, USER } from "./stage.js";

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

const TOKENS: BadInput[] = ["GetInvite", "ListRedemptions", "RevokeInvite", "ResendInvite"].flatMap(
  (name) => {
    const method = `InviteService/${name}`;
    const unknown = notFound("INVITE_NOT_FOUND");
    return [
      rpc("no token", method, {}, invalid("token")),
      rpc("a token that is a number", method, { token: 5 }, malformed("token")),
      rpc("an unknown token", method, { token: "A".repeat(24) }, unknown),
      rpc("a token of 100,000 characters", method, { token: "A".repeat(100_000) }, unknown),
      rpc("a token with a NUL", method, { token: "A\u0000" }, unknown),
      rpc("both token and id", method, { token: "A", id: "B" }, invalid("id")),
      rpc("an unknown id", method, { id: "B".repeat(36) }, unknown),
      rpc(
        "a token of another host",
        method,
        ({ otherInvite }) => ({ token: otherInvite }),
        unknown,
      ),
    ];
  },
);

const PURPOSES: BadInput[] = [
  create("a purpose that there is not", { purpose: 99 }, invalid("purpose")),
  create("a purpose in words", { purpose: "party" }, malformed("purpose")),
  create(
    "a contact without an inviter",
    { purpose: "INVITE_PURPOSE_CONTACT" },
    invalid("inviter_jid"),
  ),
  create(
    "an inviter who is the invited one",
    { inviterJid: "newcomer@example.com", username: "newcomer" },
    invalid("inviter_jid"),
  ),
  create(
    "an inviter of another host",
    { purpose: "INVITE_PURPOSE_CONTACT", inviterJid: "user@localhost" },
    invalid("inviter_jid"),
  ),
  create(
    "an inviter that is no JID",
    { purpose: "INVITE_PURPOSE_CONTACT", inviterJid: "@" },
    invalid("inviter_jid"),
  ),
  create("a reset for nobody", { purpose: "INVITE_PURPOSE_PASSWORD_RESET" }, invalid("username")),
  create(
    "a group of one name",
    { purpose: "INVITE_PURPOSE_GROUP", username: "jane" },
    invalid("username"),
  ),
];

const bulk = (name: string, message: Message, expected: Expected) =>
  rpc(name, "InviteService/BulkCreateInvites", message, expected);

const BULK: BadInput[] = [
  bulk("no invites", {}, invalid("invites")),
  bulk("1,001 invites", { invites: Array(1_001).fill({}) }, invalid("invites")),
  bulk("invites that are no list", { invites: {} }, malformed("invites")),
  bulk(
    "a bad invite among good ones",
    { invites: [{}, { maxUses: -1 }] },
    invalid("invites[1].max_uses"),
  ),
  bulk(
    "an invite with a request_id",
    { invites: [{ requestId: "a" }] },
    invalid("invites[0].request_id"),
  ),
  bulk(
    "an invite of another host",
    { invites: [{ host: "localhost" }] },
    invalid("invites[0].host"),
  ),
  bulk(
    "a reset among them",
    { invites: [{ purpose: "INVITE_PURPOSE_PASSWORD_RESET", username: "jane" }] },
    invalid("invites[0].purpose"),
  ),
];

const redeem = (name: string, message: object, expected: Expected) =>
  rpc(
    name,
    "InviteService/RedeemInvite",
    ({ invite }) => ({ token: invite, username: "jane", password: "long enough", ...message }),
    expected,
  );

const REDEEM: BadInput[] = [
  redeem("no token to redeem", { token: "" }, invalid("token")),
  redeem("no name for the account", { username: "" }, invalid("username")),
  redeem("a reserved name for the account", { username: "admin" }, invalid("username")),
  redeem("a JID for the account's name", { username: USER }, invalid("username")),
  redeem("a name of 65 characters", { username: "a".repeat(65) }, invalid("username")),
  redeem("no password", { password: "" }, invalid("password")),
  redeem("a password of 7 characters", { password: "1234567" }, invalid("password")),
  redeem("a password of 257 characters", { password: "a".repeat(257) }, invalid("password")),
  redeem("a password with a NUL", { password: "12345678\u0000" }, invalid("password")),
  redeem("a password with a line end", { password: "1234\n5678" }, invalid("password")),
  redeem("a password that is a number", { password: 12345678 }, malformed("password")),
];

/** Are invites to create, to find and to redeem that no method takes. */
export const BAD_INVITES: BadInput[] = [...CREATE, ...PURPOSES, ...BULK, ...TOKENS, ...REDEEM];
