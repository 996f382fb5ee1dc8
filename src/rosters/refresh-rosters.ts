import { create } from "@bufbuild/protobuf";
import pMap from "p-map";
import {
  type RefreshRostersRequest,
  type RefreshRostersResponse,
  RefreshRostersResponseSchema,
} from "../../gen/doorman/v1/roster_service_pb.js";
import type { Caller } from "../keys/caller.js";
import { withDeadline } from "../waiting/with-deadline.js";
import { REFRESHES_AT_ONCE, type RosterDependencies } from "./refresh-roster.js";
import { overdue, RefreshCount, refreshUser, usersOf } from "./refresh-users.js";

const MAX_USERNAMES = 10_000;
/** When a refresh ends at the latest; users that are not done by then are reported as errors. */
const DEADLINE_MS = 10 * 60_000;

/**
 * Refreshes rosters from the host's contacts app, for the RPC and for the documented calls alike. A
 * user's failure is a result; the call throws only for what concerns all of them.
 */
export async function refreshRosters(
  dependencies: RosterDependencies,
  caller: Caller,
  request: RefreshRostersRequest,
  signal: AbortSignal,
): Promise<RefreshRostersResponse> {
  const { dryRun } = request;
  const users = usersOf(dependencies, caller, request, MAX_USERNAMES);
  const results = await withDeadline(signal, DEADLINE_MS, (deadline) =>
    pMap(users, (user) => refreshUser(dependencies, user, { dryRun, signal: deadline }), {
      concurrency: REFRESHES_AT_ONCE,
    }),
  );
  if (signal.aborted) throw overdue();
  const count = new RefreshCount();
  for (const result of results) count.add(result);
  return create(RefreshRostersResponseSchema, { ...count.summary(dryRun), results });
}
