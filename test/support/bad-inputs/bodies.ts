import { gzipSync } from "node:zlib";
import { type BadInput, http, malformed, TOO_LARGE } from "./bad-input.js";
import { chunks, GET_ROSTER, LARGE, postRpc, REPLACE_ROSTER, RIGHT_BODY } from "./post-rpc.js";
import { ROOM, USER, WEARER } from "./stage.js";

const DEPTH = 100_000;
const SET_HATS = "/doorman.v1.HatService/SetUserHats";
const TOO_DEEP = malformed("nested more than 16 deep");
const withJid = (jid: string) => `{"userJid":${jid}}`;

/** A message that would empty john's roster or bob's hats if what is wrong with it were passed over. */
const REPLACE = `"userJid":"${USER}"`;
const HATS = `"userJid":"${WEARER}","roomJid":"${ROOM}"`;

/** Are bodies that are no message. */
export const BAD_BODIES: BadInput[] = [
  postRpc("an RPC with an empty body", REPLACE_ROSTER, "", malformed()),
  postRpc("an RPC with null for a message", REPLACE_ROSTER, "null", malformed()),
  postRpc("an RPC with a number for a message", REPLACE_ROSTER, "5", malformed()),
  postRpc("an RPC with a text for a message", REPLACE_ROSTER, '"john"', malformed()),
  postRpc("an RPC with a list for a message", REPLACE_ROSTER, `[{${REPLACE}}]`, malformed()),
  postRpc("an RPC with a boolean for a message", REPLACE_ROSTER, "true", malformed()),
  postRpc("an RPC with truncated JSON", REPLACE_ROSTER, `{${REPLACE}`, malformed()),
  postRpc("an RPC with JSON cut in a text", REPLACE_ROSTER, `{"userJid":"john@exam`, malformed()),
  postRpc("an RPC with two messages", REPLACE_ROSTER, `{${REPLACE}}{${REPLACE}}`, malformed()),
  postRpc("an RPC with a comma at the end", REPLACE_ROSTER, `{${REPLACE},}`, malformed()),
  postRpc("an RPC with a form for a body", REPLACE_ROSTER, `userJid=${USER}`, malformed()),
  postRpc(
    "an RPC with bytes that are no UTF-8",
    REPLACE_ROSTER,
    new Uint8Array([0xff, 0xfe, 0]),
    malformed(),
  ),
  postRpc(
    "an RPC with a JID that is no UTF-8",
    GET_ROSTER,
    Buffer.from('{"userJid":"jo\xffhn@example.com"}', "latin1"),
    malformed(),
  ),
  postRpc(
    "an RPC with an unknown field",
    REPLACE_ROSTER,
    `{${REPLACE},"conacts":[]}`,
    malformed("conacts"),
  ),
  postRpc(
    "an RPC with __proto__",
    REPLACE_ROSTER,
    `{${REPLACE},"__proto__":{}}`,
    malformed("__proto__"),
  ),
  postRpc(
    "an RPC with constructor",
    REPLACE_ROSTER,
    `{${REPLACE},"constructor":{}}`,
    malformed("constructor"),
  ),
  postRpc(
    "a contact with __proto__",
    REPLACE_ROSTER,
    `{${REPLACE},"contacts":[{"__proto__":{"jid":"marie@example.com"}}]}`,
    malformed("__proto__"),
  ),
  postRpc("__proto__ for a hat id", SET_HATS, `{${HATS},"hats":{"__proto__":{"active":true}}}`, {
    ...malformed(/hats|__proto__/),
    reason: "INVALID_FIELD",
    metadata: { field: "hats" },
  }),
  postRpc(
    "an RPC nested 100,000 deep",
    REPLACE_ROSTER,
    "[".repeat(DEPTH) + "]".repeat(DEPTH),
    TOO_DEEP,
  ),
  postRpc(
    "a field nested 100,000 deep",
    GET_ROSTER,
    withJid("[".repeat(DEPTH) + "]".repeat(DEPTH)),
    TOO_DEEP,
  ),
  postRpc(
    "objects nested 100,000 deep",
    GET_ROSTER,
    withJid(`${'{"a":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}`),
    TOO_DEEP,
  ),
  postRpc("100,000 opening brackets", GET_ROSTER, withJid("[".repeat(DEPTH)), TOO_DEEP),
  postRpc(
    "a field that is a nested array",
    GET_ROSTER,
    withJid("[".repeat(8) + "]".repeat(8)),
    malformed("user_jid"),
  ),
  postRpc("an RPC of more than 1 MiB", GET_ROSTER, withJid(`"${"a".repeat(LARGE)}"`), TOO_LARGE),
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
  postRpc("a gzip bomb", GET_ROSTER, gzipSync(Buffer.alloc(16 * LARGE, " ")), TOO_LARGE, {
    "Content-Encoding": "gzip",
  }),
  postRpc("a body that is not in gzip though it says so", GET_ROSTER, RIGHT_BODY, malformed(), {
    "Content-Encoding": "gzip",
  }),
  postRpc("truncated gzip", GET_ROSTER, gzipSync(RIGHT_BODY).subarray(0, 15), malformed(), {
    "Content-Encoding": "gzip",
  }),
  postRpc("a body in br that is none", GET_ROSTER, RIGHT_BODY, malformed(), {
    "Content-Encoding": "br",
  }),
  // The Connect protocol wants unimplemented here, with the encodings that would do.
  postRpc(
    "an unknown Content-Encoding",
    GET_ROSTER,
    RIGHT_BODY,
    { status: 501, code: "unimplemented", reason: "MALFORMED_REQUEST", text: "gzip" },
    { "Content-Encoding": "zstd" },
  ),
];
