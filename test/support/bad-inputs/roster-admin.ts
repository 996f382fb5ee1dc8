import { type BadInput, documented, type Expected } from "./bad-input.js";
import { bearer, getCall, postCall } from "./post-call.js";
import { LARGE } from "./post-rpc.js";
import type { Stage } from "./stage.js";

const DEPTH = 100_000;

const refresh = (name: string, body: unknown, expected: Expected) =>
  postCall(name, "/roster_admin/refresh", body, expected);
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
  [
    "no key and X-Forwarded-For",
    () => ({ "X-Forwarded-For": "127.0.0.1" }),
    documented(401, "key"),
  ],
  ["no key and Forwarded", () => ({ Forwarded: "for=127.0.0.1" }), documented(401, "key")],
  ["no key and Origin", () => ({ Origin: "http://127.0.0.1" }), documented(401, "key")],
  [
    "a key without the grant",
    (stage: Stage) => bearer(stage.limitedKey),
    documented(403, "rosters.refresh"),
  ],
].map(([name, headers, expected]) =>
  postCall(
    name as string,
    "/roster_admin/refresh",
    ["john"],
    expected as Expected,
    headers as (stage: Stage) => Record<string, string>,
  ),
);

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
  getCall(
    `/roster_admin/refresh/${path?.slice(0, 20)}`,
    `/roster_admin/refresh/${path}`,
    documented(400, text ?? ""),
  ),
);

/** Are calls of /roster_admin as nobody documents them. */
export const BAD_ROSTER_ADMINS: BadInput[] = [
  ...ROSTER_ADMIN,
  ...ROSTER_CREDENTIALS,
  ...ROSTER_NAMES,
];
