import { type BadInput, type Expected, forbidden, http, unauthenticated } from "./bad-input.js";
import { REPLACE_ROSTER, RIGHT_BODY } from "./post-rpc.js";
import type { Stage } from "./stage.js";

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
        body: RIGHT_BODY,
      };
    },
    expected,
  ),
);

// Keys are taken from the query on /invites_api alone.
const KEY_IN_QUERY = http(
  "an RPC with its key in the query",
  ({ key }) => `${REPLACE_ROSTER}?key=${key}`,
  { method: "POST", headers: { "Content-Type": "application/json" }, body: RIGHT_BODY },
  unauthenticated("KEY_REQUIRED"),
);

/** Are RPCs without a key that is good for them. */
export const BAD_CREDENTIALS: BadInput[] = [...CREDENTIALS, KEY_IN_QUERY];
