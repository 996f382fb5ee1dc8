import { randomUUID } from "node:crypto";
import pMap from "p-map";
import {
  type BulkCreateInvitesRequest,
  BulkCreateInvitesRequestSchema,
  type CreateInviteRequest,
} from "../../gen/doorman/v1/invite_service_pb.js";
import type { InvitesTable } from "../database/schema.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";
import { parseDomain } from "../jid/jid.js";
import type { Caller } from "../keys/caller.js";
import { findFirst, type InviteDependencies, requireUsers } from "./create-invite.js";
import { readInvite, readRequestId, type WantedInvite } from "./invite-fields.js";
import { issueOwn } from "./issue-invite.js";

const MAX_INVITES = 1_000;
const CHECKS_AT_ONCE = 16;

/** Creates many invites of Doorman's own in one transaction, and answers them in the request's order. */
export async function bulkCreateInvites(
  dependencies: InviteDependencies,
  caller: Caller,
  message: BulkCreateInvitesRequest,
  signal: AbortSignal,
): Promise<InvitesTable[]> {
  const { hosts, inviteStore, defaultLifetimeMs } = dependencies;
  const host = hosts.hostOf(caller, message.host);
  const now = Date.now();
  const wanted = readInvites(dependencies, message.invites, host, now);
  const request = readRequestId(BulkCreateInvitesRequestSchema, { ...message, host });
  const earlier = request && (await findFirst(inviteStore, caller, request));
  if (earlier) return inviteStore.listBulk(earlier.bulk_id ?? "");

  await requireAllUsers(dependencies, wanted, signal);
  const bulk_id = randomUUID();
  // They are read back in the order of their ids.
  const ids = wanted.map(() => randomUUID()).sort();
  const [first, ...others] = wanted.map((one, index): InvitesTable => {
    const { invite } = issueOwn(one, { keyId: caller.keyId, now, defaultLifetimeMs });
    return { ...invite, id: ids[index] ?? invite.id, bulk_id };
  });
  if (first === undefined) throw invalidField("invites", "is required: 1 to 1000 invites");
  if (await inviteStore.add([first, ...others], request)) return [first, ...others];
  const winner = request && (await findFirst(inviteStore, caller, request));
  return inviteStore.listBulk(winner?.bulk_id ?? "");
}

function readInvites(
  dependencies: InviteDependencies,
  requests: readonly CreateInviteRequest[],
  host: string,
  now: number,
): WantedInvite[] {
  if (requests.length === 0 || requests.length > MAX_INVITES) {
    throw invalidField("invites", `must have 1 to ${MAX_INVITES} invites`);
  }
  return requests.map((request, index) =>
    atPath(`invites[${index}]`, () => {
      if (request.host !== "" && parseDomain(request.host, "host") !== host) {
        throw invalidField("host", `must be ${host}, as beside the invites, or empty`);
      }
      if (request.requestId !== "") {
        throw invalidField("request_id", "stands once, beside the invites");
      }
      const wanted = readInvite(request, host, dependencies.usernameRules, now);
      if (wanted.purpose === "password_reset") {
        throw invalidField("purpose", "passwords are reset one by one");
      }
      return wanted;
    }),
  );
}

/** Makes sure of the accounts, of an inviter's once: a bulk mostly has one. */
async function requireAllUsers(
  dependencies: InviteDependencies,
  wanted: readonly WantedInvite[],
  signal: AbortSignal,
): Promise<void> {
  const inviters = new Set([""]);
  const checks = wanted.map((one, index) => {
    const inviterJid = inviters.has(one.inviterJid) ? "" : one.inviterJid;
    inviters.add(inviterJid);
    return { one: { ...one, inviterJid }, path: `invites[${index}]` };
  });
  await pMap(
    checks,
    ({ one, path }) =>
      requireUsers(dependencies, one, signal).catch((error: unknown) => throwAtPath(path, error)),
    { concurrency: CHECKS_AT_ONCE },
  );
}

/** Puts the place of a message in a list before the fields that its errors name. */
function atPath<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throwAtPath(path, error);
  }
}

function throwAtPath(path: string, error: unknown): never {
  if (!(error instanceof DoormanError) || error.metadata.field === undefined) throw error;
  const field = `${path}.${error.metadata.field}`;
  const isNamed = error.message.startsWith(`${error.metadata.field}: `);
  const message = isNamed ? `${path}.${error.message}` : `${field}: ${error.message}`;
  throw new DoormanError(error.reason, message, { metadata: { ...error.metadata, field } });
}
