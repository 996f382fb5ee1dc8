import { create } from "@bufbuild/protobuf";
import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import { z } from "zod";
import {
  RefreshRostersRequestSchema,
  type RefreshRostersResponse,
  RosterService,
} from "../../gen/doorman/v1/roster_service_pb.js";
import { invalidField } from "../errors/doorman-error.js";
import { readJson } from "../fields/json-body.js";
import type { Authenticator } from "../keys/authenticator.js";
import { type Caller, grantOf, requireGrant } from "../keys/caller.js";
import type { RosterDependencies } from "./refresh-roster.js";
import { refreshRosters } from "./refresh-rosters.js";

export interface RosterAdminDependencies extends RosterDependencies {
  authenticator: Authenticator;
  /** The peer addresses that may call without a key. */
  allowWithoutKeyFrom: readonly string[];
}

/** Serves POST /roster_admin/refresh and GET /roster_admin/refresh/NAME as mod_http_roster_admin does. */
export function serveRosterAdmin(app: Hono, dependencies: RosterAdminDependencies): void {
  async function refresh(context: Context, usernames: unknown): Promise<RefreshRostersResponse> {
    const caller = await authenticate(context, dependencies);
    const names = z.array(z.string()).safeParse(usernames);
    if (!names.success) {
      throw invalidField("usernames", 'send a JSON array of usernames, such as ["john", "aaron"]');
    }
    const request = create(RefreshRostersRequestSchema, { usernames: names.data });
    return refreshRosters(dependencies, caller, request, context.req.raw.signal);
  }

  app.post("/roster_admin/refresh", async (context) => {
    const answer = await refresh(context, await readJson(context));
    const { status, message, updated, errors } = answer;
    return context.json({ status, message, updated, errors });
  });

  app.get("/roster_admin/refresh/:username", async (context) => {
    const { status, message } = await refresh(context, [decodeSegment(context.req.path)]);
    return context.json({ status, message });
  });
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
  { authenticator, allowWithoutKeyFrom, hosts }: RosterAdminDependencies,
): Promise<Caller> {
  const method = RosterService.method.refreshRosters;
  const authorization = context.req.header("Authorization");
  if (authorization === undefined && allowWithoutKeyFrom.includes(peerAddress(context))) {
    if (!cameFromElsewhere(context)) {
      return { keyId: "", host: hosts.names[0], grants: new Set([grantOf(method) ?? ""]) };
    }
  }
  const caller = await authenticator.fromAuthorization(authorization);
  requireGrant(caller, method);
  return caller;
}

/** Answers the address at the other end of the socket, which no header can forge. */
function peerAddress(context: Context): string {
  const { incoming } = context.env as HttpBindings;
  // Node writes an IPv4 peer of a socket that takes both as ::ffff:127.0.0.1.
  return (incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
}

/** Whether a proxy or a web page stands between the peer and whoever asks. */
function cameFromElsewhere(context: Context): boolean {
  const site = context.req.header("Sec-Fetch-Site");
  return (
    ["Forwarded", "X-Forwarded-For", "Origin"].some(
      (name) => context.req.header(name) !== undefined,
    ) ||
    site === "cross-site" ||
    site === "same-site"
  );
}
