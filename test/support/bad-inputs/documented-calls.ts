import { type BadInput, documented, type Expected, http } from "./bad-input.js";
import { chunks } from "./rpc-requests.js";
import { ROOM, type Stage } from "./stage.js";

const LARGE = 1024 * 1024 + 1;
const DEPTH = 100_000;

const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

/** POSTs a body to a documented call with a good key, or with the headers given. */
function post(
  name: string,
  path: string,
  body: unknown,
  expected: Expected,
  headers?: Record<string, string> | ((stage: Stage) => Record<string, string>),
): BadInput {
  return http(
    `${path} with ${name}`,
    path,
    (stage) => ({
      method: "POST",
      headers: typeof headers === "function" ? headers(stage) : (headers ?? bearer(stage.key)),
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
    expected,
  );
}

const kick = (name: string, body: unknown, expected: Expected) =>
  post(name, "/muc_kick", body, expected);
const missing = documented(400, /^Missing nickname and\/or MUC$/);

const MUC_KICK: BadInput[] = [
  kick("no body", undefined, missing),
  kick("JavaScript for JSON", '{ nickname: "Bob", muc: "snuggery@chat.example.org" }', missing),
  kick("truncated JSON", `{"nickname":"Bob","muc":"${ROOM}"`, missing),
  kick("null", null, missing),
  kick("a number", "5", missing),
  kick("a text", '"Bob"', missing),
  kick("a list", ["Bob", ROOM], missing),
  kick("JSON nested 100,000 deep", "[".repeat(DEPTH) + "]".repeat(DEPTH), missing),
  kick("no muc", { nickname: "Bob" }, missing),
  kick("no nickname", { muc: ROOM }, missing),
  kick("an empty nickname", { nickname: "", muc: ROOM }, missing),
  kick("an empty muc", { nickname: "Bob", muc: "" }, missing),
  kick("a nickname that is an object", { nickname: {}, muc: ROOM }, missing),
  kick("a nickname that is a list", { nickname: ["Bob"], muc: ROOM }, missing),
  kick("a muc that is an object", { nickname: "Bob", muc: {} }, missing),
  kick("a muc that is a number", { nickname: "Bob", muc: 5 }, missing),
  kick("only __proto__", `{"__proto__":{"nickname":"Bob","muc":"${ROOM}"}}`, missing),
  kick("a reason that is a number", { nickname: "Bob", muc: ROOM, reason: 5 }, documented(400, "reason")),
  kick(
    "a reason of 1,024 bytes",
    { nickname: "Bob", muc: ROOM, reason: "a".repeat(1024) },
    documented(400, "reason"),
  ),
  kick("a NUL in the reason", { nickname: "Bob", muc: ROOM, reason: "\0" }, documented(400, "reason")),
  kick(
    "a lone surrogate in the reason",
    { nickname: "Bob", muc: ROOM, reason: "\ud800" },
    documented(400, "reason"),
  ),
  kick("a blank nickname", { nickname: " ", muc: ROOM }, documented(400, "nickname")),
  kick("a control character in the nickname", { nickname: "B\u0007b", muc: ROOM }, documented(400, "nickname")),
  kick("a noncharacter in the nickname", { nickname: "B\ufffeb", muc: ROOM }, documented(400, "nickname")),
  kick("a lone surrogate in the nickname", { nickname: "B\ud800b", muc: ROOM }, documented(400, "nickname")),
  kick("a nickname of 1,024 bytes", { nickname: "B".repeat(1024), muc: ROOM }, documented(400, "nickname")),
  kick("a muc without a name", { nickname: "Bob", muc: "chat.example.org" }, documented(400, "muc")),
  kick("a muc with a resource", { nickname: "Bob", muc: `${ROOM}/Bob` }, documented(400, "muc")),
  kick("a muc with a space", { nickname: "Bob", muc: "the snuggery@chat.example.org" }, documented(400, "muc")),
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
  kick("more than 1 MiB", `{"muc":"${"a".repeat(LARGE)}"}`, documented(413, "1 MiB")),
  http(
    "/muc_kick with more than 1 MiB in chunks",
    "/muc_kick",
    ({ key }) => ({ method: "POST", headers: bearer(key), body: chunks(LARGE), duplex: "half" }),
    documented(413, "1 MiB"),
  ),
];

const KICK = { nickname: "Bob", muc: ROOM };
const failed = documented(401, /^Authorization failed$/);

const KICK_CREDENTIALS: BadInput[] = [
  post("no Authorization", "/muc_kick", KICK, failed, {}),
  post("a wrong Authorization", "/muc_kick", KICK, failed, { Authorization: "Basic AAAA" }),
  post("a deleted key", "/muc_kick", KICK, failed, ({ deletedKey }) => bearer(deletedKey)),
  post("a key in the query alone", "/muc_kick?key=AAAAAAAA/B", KICK, failed, {}),
  post("a key without the grant", "/muc_kick", KICK, documented(403, "rooms.kick"), (stage) =>
    bearer(stage.limitedKey),
  ),
];

const refresh = (name: string, body: unknown, expected: Expected) =>
  post(name, "/roster_admin/refresh", body, expected);
const noNames = documented(400, "usernames");

const ROSTER_ADMIN: BadInput[] = [
  refresh("no body", undefined, noNames),
  refresh("truncated JSON", '["john"', noNames),
  refresh("a list in JavaScript", "['john']", noNames),
  refresh("null", null, noNames),
  refresh("a text", '"john"', noNames),
  refresh("a number", "5", noNames),
  refresh("an object", { usernames: ["john"] }, noNames),
  refresh("a list of numbers", [1, 2], noNames),
  refresh("a list in a list", [["john"]], noNames),
  refresh("null in the list", ["john", null], noNames),
  refresh("an object in the list", ["john", {}], noNames),
  refresh("JSON nested 100,000 deep", "[".repeat(DEPTH) + "]".repeat(DEPTH), noNames),
  refresh("an empty name", ["john", ""], documented(400, "usernames[1]")),
  refresh("a JID for a name", ["john", "aaron@example.com"], documented(400, "usernames[1]")),
  refresh("a space in a name", ["john", "aa ron"], documented(400, "usernames[1]")),
  refresh("a control character in a name", ["john", "\0"], documented(400, "usernames[1]")),
  refresh("a lone surrogate in a name", ["john", "\udc00"], documented(400, "usernames[1]")),
  refresh("a name of 1,024 bytes", ["john", "a".repeat(1024)], documented(400, "usernames[1]")),
  refresh(
    "10,001 names",
    Array.from({ length: 10_001 }, (_, index) => `user${index}`),
    noNames,
  ),
  refresh("more than 1 MiB", `["${"a".repeat(LARGE)}"]`, documented(413, "1 MiB")),
];

const ROSTER_CREDENTIALS: BadInput[] = [
  ["a wrong key", () => bearer("AAAAAAAA/BBBB"), documented(401, "key")],
  ["Digest", () => ({ Authorization: 'Digest username="john"' }), documented(401, "key")],
  ["an empty Authorization", () => ({ Authorization: "" }), documented(401, "key")],
  ["no key and X-Forwarded-For", () => ({ "X-Forwarded-For": "127.0.0.1" }), documented(401, "key")],
  ["no key and Forwarded", () => ({ Forwarded: "for=127.0.0.1" }), documented(401, "key")],
  ["no key and Origin", () => ({ Origin: "http://127.0.0.1" }), documented(401, "key")],
  [
    "a key without the grant",
    (stage: Stage) => bearer(stage.limitedKey),
    documented(403, "rosters.refresh"),
  ],
].map(([name, headers, expected]) =>
  post(
    name as string,
    "/roster_admin/refresh",
    ["john"],
    expected as Expected,
    headers as (stage: Stage) => Record<string, string>,
  ),
);

function get(name: string, path: string | ((stage: Stage) => string), expected: Expected) {
  return http(name, path, ({ key }) => ({ headers: bearer(key) }), expected);
}

const ROSTER_NAMES: BadInput[] = [
  ["%00", "usernames[0]"],
  ["aa%20ron", "usernames[0]"],
  ["aaron@example.com", "usernames[0]"],
  ["..%2Faaron", "usernames[0]"],
  ["%22aaron%22", "usernames[0]"],
  // Not percent-encoded UTF-8.
  ["%ff", ""],
  ["%E0%A4%A", ""],
  ["a".repeat(1024), "usernames[0]"],
].map(([path, text]) =>
  get(
    `/roster_admin/refresh/${path?.slice(0, 20)}`,
    `/roster_admin/refresh/${path}`,
    documented(400, text ?? ""),
  ),
);

const ROUTES: BadInput[] = [
  get("a path that is not there", "/nowhere", documented(404, "/nowhere")),
  get("a path that is no percent-encoding", "/%", documented(404, "")),
  get("/roster_admin/refresh/ without a name", "/roster_admin/refresh/", documented(404, "")),
  ...[
    ["GET", "/muc_kick", "POST"],
    ["PUT", "/muc_kick", "POST"],
    ["DELETE", "/roster_admin/refresh", "POST"],
    ["GET", "/roster_admin/refresh", "POST"],
    ["POST", "/roster_admin/refresh/john", "GET"],
    ["PUT", "/invites_api", "GET"],
    ["DELETE", "/invites_api", "GET"],
    ["POST", "/invite", "GET"],
    ["POST", "/healthz", "GET"],
  ].map(([method = "", path = "", allowed]) =>
    http(
      `${path} by ${method}`,
      path,
      ({ key }) => ({ method, headers: bearer(key) }),
      documented(405, allowed ?? ""),
    ),
  ),
];

const refusedKey = documented(403, "key");

const INVITES_API: BadInput[] = [
  http("/invites_api without a key", "/invites_api", {}, refusedKey),
  http("/invites_api with an empty key", "/invites_api?key=", {}, refusedKey),
  http("/invites_api with a key that is none", "/invites_api?key=%00", {}, refusedKey),
  http("/invites_api with a broken key", "/invites_api?key=%E0%A4%A", {}, refusedKey),
  http("/invites_api with an unknown key", "/invites_api?key=AAAAAAAA/BBBB", {}, refusedKey),
  http(
    "/invites_api with a deleted key",
    ({ deletedKey }) => `/invites_api?key=${deletedKey}`,
    {},
    refusedKey,
  ),
  http(
    "/invites_api with an expired key",
    ({ expiredKey }) => `/invites_api?key=${expiredKey}`,
    {},
    refusedKey,
  ),
  http(
    "/invites_api with a key without the grant",
    ({ limitedKey }) => `/invites_api?key=${limitedKey}`,
    {},
    documented(403, "invites.create"),
  ),
  http(
    "/invites_api with a wrong Authorization beside a right key",
    ({ key }) => `/invites_api?key=${key}`,
    { headers: { Authorization: "Bearer AAAAAAAA/BBBB" } },
    refusedKey,
  ),
  http(
    "/invites_api with Digest",
    ({ key }) => `/invites_api?key=${key}`,
    { method: "POST", headers: { Authorization: 'Digest username="john"' } },
    refusedKey,
  ),
  post("more than 1 MiB", "/invites_api", " ".repeat(LARGE), documented(413, "1 MiB")),
];

/** Are the documented calls as nobody documents them. */
export const BAD_DOCUMENTED_CALLS: BadInput[] = [
  ...MUC_KICK,
  ...KICK_CREDENTIALS,
  ...ROSTER_ADMIN,
  ...ROSTER_CREDENTIALS,
  ...ROSTER_NAMES,
  ...ROUTES,
  ...INVITES_API,
];
