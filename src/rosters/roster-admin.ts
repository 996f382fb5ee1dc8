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
import { hostnameOf, namedHosts } from "../limits/named-hosts.js";
import { peerAddress, withoutMapping } from "../limits/peer-address.js";
import { recordIn } from "../log/request-record.js";
import type { HttpRequest } from "../server/http-message.js";
import type { RosterDependencies } from "./refresh-roster.js";
import { refreshRosters } from "./refresh-rosters.js";

export interface RosterAdminDependencies extends RosterDependencies {
  authenticator: Authenticator;
  /** The peer addresses that may call without a key. */
  allowWithoutKeyFrom: readonly string[];
  /** The public_url of the configuration; undefined where it has none. */
  configuredPublicUrl: string | undefined;
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
  const { incoming } = context.env as HttpBindings;
  if (authorization === undefined && allowWithoutKeyFrom.includes(peerAddress(incoming.socket))) {
    if (!cameFromElsewhere(incoming, dependencies)) {
      return { keyId: "", host: hosts.names[0], grants: new Set([grantOf(method) ?? ""]) };
    }
  }
  const caller = await authenticator.fromAuthorization(authorization, recordIn(context));
  requireGrant(caller, method);
  return caller;
}

/** What proxies add to the requests that they pass on, and browsers to those that a web page makes. */
const HEADERS_OF_OTHERS = new Set([
  "forwarded",
  "via",
  "cdn-loop",
  "x-original-forwarded-for",
  "x-real-ip",
  "x-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
  "origin",
]);

/** Every machine takes these for itself, so that a web page of anybody can call a browser's machine by them. */
const WILDCARDS = ["0.0.0.0", "[::]"];

/** Returns whether a proxy or a web page stands between the peer and the caller. */
function cameFromElsewhere(request: HttpRequest, dependencies: RosterAdminDependencies): boolean {
  const isMarked = Object.keys(request.headers).some(
    (name) => HEADERS_OF_OTHERS.has(name) || name.startsWith("x-forwarded-"),
  );
  const site = request.headers["sec-fetch-site"];
  if (isMarked || site === "cross-site" || site === "same-site") return true;
  // A name of somebody else's can lead here: by their DNS, to a browser on this machine. A program of this
  // machine names a host; a proxy of HTTP/1.0 may name none.
  const named = namedHosts(request);
  const ours = ownNames(request.socket, dependencies);
  const isOurs = (host: string) => {
    const hostname = hostnameOf(host) ?? "";
    return !WILDCARDS.includes(hostname) && (isLoopback(hostname) || ours.has(hostname));
  };
  return named.length === 0 || !named.every(isOurs);
}

/** Returns the names of this Doorman and of the hosts that it serves, as they stand in a URL. */
function ownNames(
  { localAddress = "" }: Socket,
  { hosts, configuredPublicUrl }: RosterAdminDependencies,
): Set<string> {
  const mucDomains = hosts.names.flatMap((host) => hosts.configuredMucDomains(host) ?? []);
  const domains = [...hosts.names, ...mucDomains].map((domain) => domainToASCII(domain));
  const address = withoutMapping(localAddress);
  const publicNames =
    configuredPublicUrl === undefined ? [] : [new URL(configuredPublicUrl).hostname];
  return new Set([...domains, ...publicNames, address, `[${address}]`]);
}
