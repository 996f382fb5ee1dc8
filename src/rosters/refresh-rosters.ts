import { create } from "@bufbuild/protobuf";
import pMap from "p-map";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import {
  type RefreshRostersRequest,
  type RefreshRostersResponse,
  RefreshRostersResponseSchema,
  type RosterRefreshResult,
  RosterRefreshResultSchema,
} from "../../gen/doorman/v1/roster_service_pb.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";
import { errorDetail } from "../errors/error-detail.js";
import { parseBareJid, parseLocalpart } from "../jid/jid.js";
import type { Caller } from "../keys/caller.js";
import { withDeadline } from "../waiting/with-deadline.js";
import { REFRESHES_AT_ONCE, type RosterDependencies, refreshRoster } from "./refresh-roster.js";

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
  const { hosts, chatServer } = dependencies;
  if (request.usernames.length > MAX_USERNAMES) {
    throw invalidField(
      "usernames",
      `has at most ${MAX_USERNAMES} names; send more in several calls`,
    );
  }
  const usernames = new Set(
    request.usernames.map((name, index) => parseLocalpart(name, `usernames[${index}]`)),
  );
  const host = hosts.hostOf(caller, request.host);
  if (chatServer.unavailableBecause !== undefined) {
    throw new DoormanError(ErrorReason.SERVER_UNAVAILABLE, chatServer.unavailableBecause);
  }

  async function refresh(username: string, deadline: AbortSignal): Promise<RosterRefreshResult> {
    const user = parseBareJid(`${username}@${host}`, "usernames");
    try {
      const options = { dryRun: request.dryRun, signal: deadline };
      const changes = await refreshRoster(dependencies, user, options);
      const isUnchanged = changes.added + changes.changed + changes.removed === 0;
      return create(RosterRefreshResultSchema, {
        username,
        outcome: isUnchanged
          ? { case: "unchanged", value: {} }
          : { case: "changes", value: changes },
      });
    } catch (error) {
      if (!(error instanceof DoormanError)) throw error;
      return create(RosterRefreshResultSchema, {
        username,
        outcome: { case: "error", value: { message: error.message, detail: errorDetail(error) } },
      });
    }
  }

  const results = await withDeadline(signal, DEADLINE_MS, (deadline) =>
    pMap(usernames, (username) => refresh(username, deadline), { concurrency: REFRESHES_AT_ONCE }),
  );
  if (signal.aborted) throw overdue();
  return summarise(results, request.dryRun);
}

/** Makes the error for a caller who has stopped waiting: what became of each user is not to be told. */
function overdue(): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_NO_ANSWER,
    "The call's time was over before the refresh was: some of the rosters may have been updated; allow more time, or send fewer names in a call",
  );
}

function summarise(results: RosterRefreshResult[], dryRun: boolean): RefreshRostersResponse {
  const failures = results.flatMap(({ outcome }) =>
    outcome.case === "error" ? [outcome.value] : [],
  );
  const failedCompletely = failures.length > 0 && failures.length === results.length;
  const success = dryRun ? "dry run complete, nothing was changed" : "roster update complete";
  return create(RefreshRostersResponseSchema, {
    status: failedCompletely ? "error" : "ok",
    message: failedCompletely ? `roster update failed: ${failures[0]?.message}` : success,
    updated: results.length - failures.length,
    errors: failures.length,
    results,
  });
}
