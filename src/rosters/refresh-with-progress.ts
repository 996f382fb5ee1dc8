import { create } from "@bufbuild/protobuf";
import { pMapIterable } from "p-map";
import {
  type RefreshRostersWithProgressRequest,
  type RefreshRostersWithProgressResponse,
  RefreshRostersWithProgressResponseSchema as ResponseSchema,
} from "../../gen/doorman/v1/roster_service_pb.js";
import type { Caller } from "../keys/caller.js";
import { REFRESHES_AT_ONCE, type RosterDependencies } from "./refresh-roster.js";
import { overdue, RefreshCount, refreshUser, usersOf } from "./refresh-users.js";

const MAX_USERNAMES = 50_000;
/** When a refresh ends at the latest; users that are not done by then are reported as errors. */
const DEADLINE_MS = 6 * 3_600_000;

/**
 * Refreshes rosters as refreshRosters does and tells of each user when that is done. No more users are
 * begun than the caller takes messages: one who reads slowly slows the refresh down, and one who is
 * gone ends it.
 */
export async function* refreshRostersWithProgress(
  dependencies: RosterDependencies,
  caller: Caller,
  request: RefreshRostersWithProgressRequest,
  signal: AbortSignal,
): AsyncGenerator<RefreshRostersWithProgressResponse> {
  const { dryRun } = request;
  const users = usersOf(dependencies, caller, request, MAX_USERNAMES);
  const of = users.length;
  yield create(ResponseSchema, { of });

  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, DEADLINE_MS);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    const count = new RefreshCount();
    const options = { dryRun, signal: ending.signal };
    const results = pMapIterable(users, (user) => refreshUser(dependencies, user, options), {
      concurrency: REFRESHES_AT_ONCE,
      preserveOrder: false,
    });
    for await (const result of results) {
      if (signal.aborted) throw overdue();
      count.add(result);
      yield create(ResponseSchema, { done: count.done, of, result });
    }
    if (signal.aborted) throw overdue();
    yield create(ResponseSchema, { done: count.done, of, summary: count.summary(dryRun) });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    // Whoever stops reading early leaves refreshes behind that are under way.
    end();
  }
}
