import { type BadInput, documented, type Expected, http } from "./bad-input.js";
import { bearer, postCall } from "./post-call.js";
import { chunks } from "./post-rpc.js";
import { ROOM } from "./stage.js";

const DEPTH = 8_000;
/** More than /muc_kick reads. */
const TOO_LARGE = 16 * 1024 + 1;

const kick = (name: string, body: unknown, expected: Expected) =>
  postCall(name, "/muc_kick", body, expected);
const missing = documented(400, /^Missing nickname and\/or MUC$/);

const MUC_KICK: BadInput[] = [
  kick("no body", undefined, missing),
  kick("JavaScript for JSON", '{ nickname: "Bob", muc: "snuggery@chat.example.org" }', missing),
  kick("truncated JSON", `{"nickname":"Bob","muc":"${ROOM}"`, missing),
  kick("null", null, missing),
  kick("a number", "5", missing),
  kick("a text", '"Bob"', missing),
  kick("a list", ["Bob", ROOM], missing),
  kick("JSON nested 8,000 deep", "[".repeat(DEPTH) + "]".repeat(DEPTH), missing),
  kick("no muc", { nickname: "Bob" }, missing),
  kick("no nickname", { muc: ROOM }, missing),
  kick("an empty nickname", { nickname: "", muc: ROOM }, missing),
  kick("an empty muc", { nickname: "Bob", muc: "" }, missing),
  kick("a nickname that is an object", { nickname: {}, muc: ROOM }, missing),
  kick("a nickname that is a list", { nickname: ["Bob"], muc: ROOM }, missing),
  kick("a muc that is an object", { nickname: "Bob", muc: {} }, missing),
  kick("a muc that is a number", { nickname: "Bob", muc: 5 }, missing),
  kick("only __proto__", `{"__proto__":{"nickname":"Bob","muc":"${ROOM}"}}`, missing),
  kick(
    "a reason that is a number",
    { nickname: "Bob", muc: ROOM, reason: 5 },
    documented(400, "reason"),
  ),
  kick(
    "a reason of 1,024 bytes",
    { nickname: "Bob", muc: ROOM, reason: "a".repeat(1024) },
    documented(400, "reason"),
  ),
  kick(
    "a NUL in the reason",
    { nickname: "Bob", muc: ROOM, reason: "\0" },
    documented(400, "reason"),
  ),
  kick(
    "a lone surrogate in the reason",
    { nickname: "Bob", muc: ROOM, reason: "\ud800" },
    documented(400, "reason"),
  ),
  kick("a blank nickname", { nickname: " ", muc: ROOM }, documented(400, "nickname")),
  kick(
    "a control character in the nickname",
    { nickname: "B\u0007b", muc: ROOM },
    documented(400, "nickname"),
  ),
  kick(
    "a noncharacter in the nickname",
    { nickname: "B\ufffeb", muc: ROOM },
    documented(400, "nickname"),
  ),
  kick(
    "a lone surrogate in the nickname",
    { nickname: "B\ud800b", muc: ROOM },
    documented(400, "nickname"),
  ),
  kick(
    "a nickname of 1,024 bytes",
    { nickname: "B".repeat(1024), muc: ROOM },
    documented(400, "nickname"),
  ),
  kick(
    "a muc without a name",
    { nickname: "Bob", muc: "chat.example.org" },
    documented(400, "muc"),
  ),
  kick("a muc with a resource", { nickname: "Bob", muc: `${ROOM}/Bob` }, documented(400, "muc")),
  kick(
    "a muc with a space",
    { nickname: "Bob", muc: "the snuggery@chat.example.org" },
    documented(400, "muc"),
  ),
  kick(
    "a domain that is not served",
    { nickname: "Bob", muc: "snuggery@nohost" },
    documented(404, /^MUC not found: No such host: nohost$/),
  ),
  kick(
    "a domain without rooms",
    { nickname: "Bob", muc: "snuggery@example.com" },
    documented(404, /^MUC not found: Host 'example\.com' is not a MUC service$/),
  ),
  kick(
    "a room that is not there",
    { nickname: "Bob", muc: "nowhere@chat.example.org" },
    documented(404, /^MUC not found: No MUC 'nowhere' found for host: chat\.example\.org$/),
  ),
  kick(
    "a nickname that is not there",
    { nickname: "Nobody", muc: ROOM },
    documented(400, /^Couldn't kick user: modify: item-not-found$/),
  ),
  kick(
    "an owner's nickname",
    { nickname: "Alice", muc: ROOM },
    documented(400, /^Couldn't kick user: cancel: not-allowed$/),
  ),
  kick(
    "a room of another key's host",
    { nickname: "user", muc: "room@conference.localhost" },
    documented(403, "localhost"),
  ),
  kick("more than 16 KiB", `{"muc":"${"a".repeat(TOO_LARGE)}"}`, documented(413, "16 KiB")),
  http(
    "/muc_kick with more than 16 KiB in chunks",
    "/muc_kick",
    ({ key }) => ({
      method: "POST",
      headers: bearer(key),
      body: chunks(TOO_LARGE),
      duplex: "half",
    }),
    documented(413, "16 KiB"),
  ),
];

const KICK = { nickname: "Bob", muc: ROOM };
const failed = documented(401, /^Authorization failed$/);

const KICK_CREDENTIALS: BadInput[] = [
  postCall("no Authorization", "/muc_kick", KICK, failed, {}),
  postCall("a wrong Authorization", "/muc_kick", KICK, failed, { Authorization: "Basic AAAA" }),
  postCall("a deleted key", "/muc_kick", KICK, failed, ({ deletedKey }) => bearer(deletedKey)),
  postCall("a key in the query alone", "/muc_kick?key=AAAAAAAA/B", KICK, failed, {}),
  postCall("a key without the grant", "/muc_kick", KICK, documented(403, "rooms.kick"), (stage) =>
    bearer(stage.limitedKey),
  ),
];

/** Are calls of /muc_kick as nobody documents them. */
export const BAD_MUC_KICKS: BadInput[] = [...MUC_KICK, ...KICK_CREDENTIALS];
