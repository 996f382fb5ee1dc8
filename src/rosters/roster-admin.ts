import type { Socket } from "node:net";
import { domainToASCII } from "node:url";
import { create } from "@bufbuild/protobuf";
import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import {
  RefreshRostersRequestSchema,
  RosterService,
} from "../../gen/doorman/v1/roster_service_pb.js";
import { invalidField } from "../errors/doorman-error.js";
import { readJson } from "../fields/json-body.js";
import type { Authenticator } from "../keys/authenticator.js";
import { type Caller, grantOf, requireGrant } from "../keys/caller.js";
import { isLoopback } from "../limits/loopback.js";
import { peerAddress, withoutMapping } from "../limits/peer-address.js";
import { recordIn } from "../log/request-record.js";
import type { RosterDependencies } from "./refresh-roster.js";
import { refreshRosters } from "./refresh-rosters.js";

export interface RosterAdminDependencies extends RosterDependencies {
  authenticator: Authenticator;
  /** The peer addresses that may call without a key. */
  allowWithoutKeyFrom: readonly string[];
  /** The address that people reach Doorman under. */
  publicUrl: string;
}

/** A call may have 10,000 names. */
const MAX_BODY_KIB = 1024;

/** Serves POST /roster_admin/refresh and GET /roster_admin/refresh/NAME as mod_http_roster_admin does. */
export function serveRosterAdmin(app: Hono, dependencies: RosterAdminDependencies): void {
  function refresh(context: Context, caller: Caller, usernames: string[]) {
    const user = usernames.length === 1 ? usernames[0] : undefined;
    recordIn(context).isAbout({ users: usernames.length, user });
    const request = create(RefreshRostersRequestSchema, { usernames });
    return refreshRosters(dependencies, caller, request, context.req.raw.signal);
  }

  app.post("/roster_admin/refresh", async (context) => {
    const caller = await authenticate(context, dependencies);
    const usernames = await readJson(context, MAX_BODY_KIB);
    if (!isListOfTexts(usernames)) {
      throw invalidField("usernames", 'send a JSON array of usernames, such as ["john", "aaron"]');
    }
    const { status, message, updated, errors } = await refresh(context, caller, usernames);
    return context.json({ status, message, updated, errors });
  });

  app.get("/roster_admin/refresh/:username", async (context) => {
    const caller = await authenticate(context, dependencies);
    const username = decodeSegment(context.req.path);
    const { status, message } = await refresh(context, caller, [username]);
    return context.json({ status, message });
  });
}

/** Stops at the first fault; Zod would describe each of half a million. */
function isListOfTexts(json: unknown): json is string[] {
  return Array.isArray(json) && json.every((item) => typeof item === "string");
}

/** Reads the last segment of a path; Hono would leave one alone that it cannot decode. */
function decodeSegment(path: string): string {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  } catch {
    throw invalidField("usernames[0]", "is not percent-encoded UTF-8");
  }
}

async function authenticate(
  context: Context,
  dependencies: RosterAdminDependencies,
): Promise<Caller> {
  const { authenticator, allowWithoutKeyFrom, hosts } = dependencies;
  const method = RosterService.method.refreshRosters;
  const authorization = context.req.header("Authorization");
  const { socket } = (context.env as HttpBindings).incoming;
  if (authorization === undefined && allowWithoutKeyFrom.includes(peerAddress(socket))) {
    if (!cameFromElsewhere(context, socket, dependencies)) {
      return { keyId: "", host: hosts.names[0], grants: new Set([grantOf(method) ?? ""]) };
    }
  }
  const caller = await authenticator.fromAuthorization(authorization, recordIn(context));
  requireGrant(caller, method);
  return caller;
}

/** What proxies add to the requests that they pass on, and browsers to those that a web page makes. */
const HEADERS_OF_OTHERS = [
  "Forwarded",
  "Via",
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Proto",
  "X-Real-IP",
  "CF-Connecting-IP",
  "Origin",
];

/** Returns whether a proxy or a web page stands between the peer and the caller. */
function cameFromElsewhere(
  context: Context,
  socket: Socket,
  dependencies: RosterAdminDependencies,
): boolean {
  const isMarked = HEADERS_OF_OTHERS.some((name) => context.req.header(name) !== undefined);
  const site = context.req.header("Sec-Fetch-Site");
  if (isMarked || site === "cross-site" || site === "same-site") return true;
  // A name of somebody else's can lead here: by their DNS, to a browser on this machine.
  const { hostname } = new URL(context.req.url);
  return !isLoopback(hostname) && !ownNames(socket, dependencies).has(hostname);
}

/** Returns the names of this Doorman and of the hosts that it serves, as they stand in a URL. */
function ownNames(
  { localAddress = "" }: Socket,
  { hosts, publicUrl }: RosterAdminDependencies,
): Set<string> {
  const mucDomains = hosts.names.flatMap((host) => hosts.configuredMucDomains(host) ?? []);
  const domains = [...hosts.names, ...mucDomains].map((domain) => domainToASCII(domain));
  const address = withoutMapping(localAddress);
  return new Set([...domains, new URL(publicUrl).hostname, address, `[${address}]`]);
}
