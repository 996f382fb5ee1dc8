import { type BadInput, documented, http } from "./bad-input.js";
import { bearer, getCall } from "./post-call.js";

const ROUTES: BadInput[] = [
  getCall("a path that is not there", "/nowhere", documented(404, "/nowhere")),
  getCall("a path that is no percent-encoding", "/%", documented(404, "")),
  getCall("/roster_admin/refresh/ without a name", "/roster_admin/refresh/", documented(404, "")),
  ...[
    ["GET", "/muc_kick", "POST"],
    ["PUT", "/muc_kick", "POST"],
    ["DELETE", "/roster_admin/refresh", "POST"],
    ["GET", "/roster_admin/refresh", "POST"],
    ["POST", "/roster_admin/refresh/john", "GET"],
    ["PUT", "/invites_api", "GET"],
    ["DELETE", "/invites_api", "GET"],
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
];

/** Are paths and methods that there are not, and calls of /invites_api without a good key. */
export const BAD_ROUTES: BadInput[] = [...ROUTES, ...INVITES_API];
