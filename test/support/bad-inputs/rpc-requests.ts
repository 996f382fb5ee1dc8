import { gzipSync } from "node:zlib";
import {
  type BadInput,
  documented,
  type Expected,
  forbidden,
  http,
  invalid,
  malformed,
  TOO_LARGE,
  unauthenticated,
} from "./bad-input.js";
import { ROOM, type Stage, USER, WEARER } from "./stage.js";

type Body = string | Uint8Array | ReadableStream;
type Headers = Record<string, string>;

const DEPTH = 100_000;
const LARGE = 1024 * 1024 + 1;
const GET_ROSTER = "/doorman.v1.RosterService/GetRoster";
const REPLACE_ROSTER = "/doorman.v1.RosterService/ReplaceRoster";
const SET_HATS = "/doorman.v1.HatService/SetUserHats";
const KICK = "/doorman.v1.RoomService/KickOccupant";
const rightBody = JSON.stringify({ userJid: USER });
const withJid = (jid: string) => `{"userJid":${jid}}`;

/** Posts with a good key and Connect's JSON, unless the headers say otherwise. */
function post(
  name: string,
  path: string,
  body: Body,
  expected: Expected,
  headers: Headers = {},
): BadInput {
  return http(
    name,
    path,
    ({ key }) => ({
      method: "POST",
      headers: {
        Authorization: `Bearer ${key}`,
        "Content-Type": "application/json",
        ...headers,
      },
      body,
      duplex: "half",
    }),
    expected,
  );
}

/** A message that would empty john's roster or bob's hats if what is wrong with it were passed over. */
const REPLACE = `"userJid":"${USER}"`;
const HATS = `"userJid":"${WEARER}","roomJid":"${ROOM}"`;

const BODIES: BadInput[] = [
  post("an RPC with an empty body", REPLACE_ROSTER, "", malformed()),
  post("an RPC with null for a message", REPLACE_ROSTER, "null", malformed()),
  post("an RPC with a number for a message", REPLACE_ROSTER, "5", malformed()),
  post("an RPC with a text for a message", REPLACE_ROSTER, '"john"', malformed()),
  post("an RPC with a list for a message", REPLACE_ROSTER, `[{${REPLACE}}]`, malformed()),
  post("an RPC with a boolean for a message", REPLACE_ROSTER, "true", malformed()),
  post("an RPC with truncated JSON", REPLACE_ROSTER, `{${REPLACE}`, malformed()),
  post("an RPC with JSON cut in a text", REPLACE_ROSTER, `{"userJid":"john@exam`, malformed()),
  post("an RPC with two messages", REPLACE_ROSTER, `{${REPLACE}}{${REPLACE}}`, malformed()),
  post("an RPC with a comma at the end", REPLACE_ROSTER, `{${REPLACE},}`, malformed()),
  post("an RPC with a form for a body", REPLACE_ROSTER, `userJid=${USER}`, malformed()),
  post("an RPC with bytes that are no UTF-8", REPLACE_ROSTER, new Uint8Array([0xff, 0xfe, 0]), malformed()),
  post(
    "an RPC with a JID that is no UTF-8",
    GET_ROSTER,
    Buffer.from('{"userJid":"jo\xffhn@example.com"}', "latin1"),
    // U+FFFD stands for what could not be read, and no name has that.
    invalid("user_jid"),
  ),
  post("an RPC with an unknown field", REPLACE_ROSTER, `{${REPLACE},"conacts":[]}`, malformed("conacts")),
  post("an RPC with __proto__", REPLACE_ROSTER, `{${REPLACE},"__proto__":{}}`, malformed("__proto__")),
  post("an RPC with constructor", REPLACE_ROSTER, `{${REPLACE},"constructor":{}}`, malformed("constructor")),
  post(
    "a contact with __proto__",
    REPLACE_ROSTER,
    `{${REPLACE},"contacts":[{"__proto__":{"jid":"marie@example.com"}}]}`,
    malformed("__proto__"),
  ),
  post("__proto__ for a hat id", SET_HATS, `{${HATS},"hats":{"__proto__":{"active":true}}}`, {
    ...malformed(/hats|__proto__/),
    reason: "INVALID_FIELD",
    metadata: { field: "hats" },
  }),
  post("an RPC nested 100,000 deep", REPLACE_ROSTER, "[".repeat(DEPTH) + "]".repeat(DEPTH), malformed()),
  post(
    "a field nested 100,000 deep",
    GET_ROSTER,
    withJid("[".repeat(DEPTH) + "]".repeat(DEPTH)),
    malformed("user_jid"),
  ),
  post(
    "objects nested 100,000 deep",
    GET_ROSTER,
    withJid('{"a":'.repeat(DEPTH) + "1" + "}".repeat(DEPTH)),
    malformed("user_jid"),
  ),
  post("100,000 opening brackets", GET_ROSTER, withJid("[".repeat(DEPTH)), malformed()),
  post("an RPC of more than 1 MiB", GET_ROSTER, withJid(`"${"a".repeat(LARGE)}"`), TOO_LARGE),
  http(
    "an RPC of more than 1 MiB in chunks",
    GET_ROSTER,
    ({ key }) => ({
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: chunks(LARGE),
      duplex: "half",
    }),
    TOO_LARGE,
  ),
  post("a gzip bomb", GET_ROSTER, gzipSync(Buffer.alloc(16 * LARGE, " ")), TOO_LARGE, {
    "Content-Encoding": "gzip",
  }),
  post("a body that is not in gzip though it says so", GET_ROSTER, rightBody, malformed(), {
    "Content-Encoding": "gzip",
  }),
  post("truncated gzip", GET_ROSTER, gzipSync(rightBody).subarray(0, 15), malformed(), {
    "Content-Encoding": "gzip",
  }),
  post("a body in br that is none", GET_ROSTER, rightBody, malformed(), {
    "Content-Encoding": "br",
  }),
  // The Connect protocol wants unimplemented here, with the encodings that would do.
  post(
    "an unknown Content-Encoding",
    GET_ROSTER,
    rightBody,
    { status: 501, code: "unimplemented", reason: "MALFORMED_REQUEST", text: "gzip" },
    { "Content-Encoding": "zstd" },
  ),
];

/** A body in pieces, without a length. */
export function chunks(bytes: number): ReadableStream {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, 65_536);
      if (size === 0) return controller.close();
      left -= size;
      controller.enqueue(new Uint8Array(size).fill(0x20));
    },
  });
}

const unsupported: Expected = { ...malformed("Content-Type"), status: 415 };

const CONTENT_TYPES: BadInput[] = [
  ...["text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense", ""].map(
    (type) =>
      post(`an RPC with Content-Type "${type}"`, REPLACE_ROSTER, rightBody, unsupported, {
        "Content-Type": type,
      }),
  ),
  post("an RPC with the Content-Type of a stream", REPLACE_ROSTER, rightBody, unsupported, {
    "Content-Type": "application/connect+json",
  }),
  post("JSON that says it is binary", GET_ROSTER, rightBody, malformed(), {
    "Content-Type": "application/proto",
  }),
];

const METHODS: BadInput[] = [
  ...["GET", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method) =>
    http(
      `an RPC by ${method}`,
      KICK,
      ({ key }) => ({ method, headers: { Authorization: `Bearer ${key}` } }),
      { ...malformed("POST"), status: 405 },
    ),
  ),
  ...[
    ["without a message", ""],
    ["with a message that is no JSON", "?encoding=json&message=%7B"],
    ["with a message that is no base64", "?encoding=json&base64=1&message=!!"],
    ["with a message of the wrong type", "?encoding=json&message=%7B%22userJid%22%3A5%7D"],
    ["with a message that is a list", "?encoding=json&message=%5B%5D"],
  ].map(([name, query]) =>
    http(
      `a read by GET ${name}`,
      GET_ROSTER + query,
      ({ key }) => ({ headers: { Authorization: `Bearer ${key}` } }),
      query === "" ? unsupported : malformed(),
    ),
  ),
  ...[
    "/doorman.v1.RosterService/DropRoster",
    "/doorman.v1.UserService/GetUser",
    "/doorman.v1.RosterService/getRoster",
    "/doorman.v1.RosterService/GetRoster/",
    "/doorman.v1.RosterService",
    "/RosterService/GetRoster",
    "/doorman.v1.RosterService/GetRoster%00",
  ].map((path) =>
    post(`an RPC at ${path}`, path, rightBody, documented(404, "There is nothing at")),
  ),
];

const TIMEOUTS: BadInput[] = ["soon", "-1", "1.5", "99999999999", "0x10"].map((timeout) =>
  post(`a Connect-Timeout-Ms of ${timeout}`, GET_ROSTER, rightBody, malformed("timeout"), {
    "Connect-Timeout-Ms": timeout,
  }),
);

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const keyInvalid = unauthenticated("KEY_INVALID");

/** What the Authorization header may be in place of a key; undefined for none. */
const AUTHORIZATIONS: [name: string, header: (stage: Stage) => string | undefined, Expected][] = [
  ["no Authorization", () => undefined, unauthenticated("KEY_REQUIRED")],
  ["an empty Authorization", () => "", unauthenticated("KEY_REQUIRED")],
  ["a key without a scheme", ({ key }) => key, keyInvalid],
  ["Bearer without a key", () => "Bearer", keyInvalid],
  ["a key with a space in it", ({ key }) => `Bearer ${key.replace("/", " / ")}`, keyInvalid],
  ["two keys", ({ key }) => `Bearer ${key} ${key}`, keyInvalid],
  ["two credentials", ({ key }) => `Bearer ${key}, Bearer ${key}`, keyInvalid],
  ["an id without a token", ({ key }) => `Bearer ${key.split("/")[0]}/`, keyInvalid],
  ["a token without an id", ({ key }) => `Bearer /${key.split("/")[1]}`, keyInvalid],
  ["a wrong token", ({ key }) => `Bearer ${key.split("/")[0]}/${"A".repeat(32)}`, keyInvalid],
  ["a token cut short", ({ key }) => `Bearer ${key.slice(0, -1)}`, keyInvalid],
  ["an unknown id", ({ key }) => `Bearer AAAAAAAA/${key.split("/")[1]}`, keyInvalid],
  ["a key of 10,000 characters", ({ key }) => `Bearer ${key}${"A".repeat(10_000)}`, keyInvalid],
  ["an id with a quotation mark", () => "Bearer '/*", keyInvalid],
  ["Basic without a colon", ({ key }) => basic(key.replace("/", "")), keyInvalid],
  ["Basic with a wrong password", ({ key }) => basic(`${key.split("/")[0]}:secret`), keyInvalid],
  ["Basic that is no base64", () => "Basic !!!!", keyInvalid],
  ["Digest", ({ key }) => `Digest username="${key.split("/")[0]}", realm="doorman"`, keyInvalid],
  ["a deleted key", ({ deletedKey }) => `Bearer ${deletedKey}`, keyInvalid],
  ["an expired key", ({ expiredKey }) => `Bearer ${expiredKey}`, unauthenticated("KEY_EXPIRED")],
  [
    "a key that lacks the grant",
    ({ limitedKey }) => `Bearer ${limitedKey}`,
    forbidden("GRANT_MISSING", { grant: "rosters.write" }),
  ],
];

const CREDENTIALS: BadInput[] = AUTHORIZATIONS.map(([name, header, expected]) =>
  http(
    `an RPC with ${name}`,
    REPLACE_ROSTER,
    (stage) => {
      const authorization = header(stage);
      return {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          ...(authorization !== undefined && { Authorization: authorization }),
        },
        body: rightBody,
      };
    },
    expected,
  ),
);

// Keys are taken from the query on /invites_api alone.
const KEY_IN_QUERY = http(
  "an RPC with its key in the query",
  ({ key }) => `${REPLACE_ROSTER}?key=${key}`,
  { method: "POST", headers: { "Content-Type": "application/json" }, body: rightBody },
  unauthenticated("KEY_REQUIRED"),
);

/** Are RPCs whose body, headers, path or key is wrong. */
export const BAD_RPC_REQUESTS: BadInput[] = [
  ...BODIES,
  ...CONTENT_TYPES,
  ...METHODS,
  ...TIMEOUTS,
  ...CREDENTIALS,
  KEY_IN_QUERY,
];
