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
import type { ChatServer } from "../chat-server/chat-server.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";
import { errorDetail } from "../errors/error-detail.js";
import type { Hosts } from "../hosts/hosts.js";
import { parseBareJid, parseLocalpart } from "../jid/jid.js";
import type { Caller } from "../keys/caller.js";
import type { KeyedLock } from "../waiting/keyed-lock.js";
import { withDeadline } from "../waiting/with-deadline.js";
import { fetchContacts } from "./contacts-app.js";
import { reconcileRoster } from "./reconcile-roster.js";

const MAX_USERNAMES = 10_000;
/** How many users are refreshed at once: what the contacts app has to bear. */
const CONCURRENCY = 8;
/** When a refresh ends at the latest; users that are not done by then are reported as errors. */
const DEADLINE_MS = 10 * 60_000;

export interface RosterDependencies {
  hosts: Hosts;
  chatServer: ChatServer;
  /** By user: one for everything that changes rosters. */
  rosterLock: KeyedLock;
}

/**
 * Refreshes rosters from the host's contacts app, for the RPC and for the documented calls alike. A
 * user's failure is a result; the call throws only for what concerns all of them.
 */
export async function refreshRosters(
  { hosts, chatServer, rosterLock }: RosterDependencies,
  caller: Caller,
  request: RefreshRostersRequest,
  signal: AbortSignal,
): Promise<RefreshRostersResponse> {
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
      const rosterUrl = requireRosterUrl(hosts, host);
      const task = `refresh the roster of ${user.bare}`;
      const changes = await rosterLock.run(user.bare, task, deadline, async () => {
        // Fetched in turn, so that an older answer cannot replace a newer one.
        const wanted = await fetchContacts(rosterUrl, user, deadline);
        const options = { dryRun: request.dryRun, signal: deadline };
        return reconcileRoster(chatServer.rosters, user.bare, wanted, options);
      });
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
    pMap(usernames, (username) => refresh(username, deadline), { concurrency: CONCURRENCY }),
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

function requireRosterUrl(hosts: Hosts, host: string): string {
  const rosterUrl = hosts.rosterUrl(host);
  if (rosterUrl !== undefined) return rosterUrl;
  throw new DoormanError(
    ErrorReason.CONTACTS_APP_NOT_CONFIGURED,
    `The host ${host} has no contacts app: set hosts.${host}.roster_url in the configuration`,
    { metadata: { host } },
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
