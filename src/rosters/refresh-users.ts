import { create } from "@bufbuild/protobuf";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import {
  type RosterRefreshResult,
  RosterRefreshResultSchema,
} from "../../gen/doorman/v1/roster_service_pb.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";
import { errorDetail } from "../errors/error-detail.js";
import { unforeseen } from "../errors/unforeseen.js";
import { type BareJid, parseBareJid, parseLocalpart } from "../jid/jid.js";
import type { Caller } from "../keys/caller.js";
import { type RosterDependencies, refreshRoster } from "./refresh-roster.js";

/**
 * Reads which users a request to refresh is about, each once.
 * @throws INVALID_FIELD, what says that the caller may not touch the host, SERVER_UNAVAILABLE
 */
export function usersOf(
  { hosts, chatServer }: RosterDependencies,
  caller: Caller,
  request: { host: string; usernames: string[] },
  maxUsernames: number,
): BareJid[] {
  if (request.usernames.length > maxUsernames) {
    const what = `has at most ${maxUsernames} names; send more in several calls`;
    throw invalidField("usernames", what);
  }
  const usernames = new Set(
    request.usernames.map((name, index) => parseLocalpart(name, `usernames[${index}]`)),
  );
  const host = hosts.hostOf(caller, request.host);
  if (chatServer.unavailableBecause !== undefined) {
    throw new DoormanError(ErrorReason.SERVER_UNAVAILABLE, chatServer.unavailableBecause);
  }
  return [...usernames].map((username) => parseBareJid(`${username}@${host}`, "usernames"));
}

/** Refreshes one user of several; what goes wrong is a result, since it concerns nobody else. */
export async function refreshUser(
  dependencies: RosterDependencies,
  user: BareJid,
  options: { dryRun: boolean; signal: AbortSignal },
): Promise<RosterRefreshResult> {
  const username = user.local;
  try {
    const changes = await refreshRoster(dependencies, user, options);
    const isUnchanged = changes.added + changes.changed + changes.removed === 0;
    return create(RosterRefreshResultSchema, {
      username,
      outcome: isUnchanged ? { case: "unchanged", value: {} } : { case: "changes", value: changes },
    });
  } catch (error) {
    const { log } = dependencies;
    const fault = error instanceof DoormanError ? error : unforeseen(error, log);
    return create(RosterRefreshResultSchema, {
      username,
      outcome: { case: "error", value: { message: fault.message, detail: errorDetail(fault) } },
    });
  }
}

/** Counts results while they come. */
export class RefreshCount {
  #updated = 0;
  #errors = 0;
  #firstFailure = "";

  /** How many results there were. */
  get done(): number {
    return this.#updated + this.#errors;
  }

  add({ outcome }: RosterRefreshResult): void {
    if (outcome.case !== "error") {
      this.#updated += 1;
      return;
    }
    if (this.#errors === 0) this.#firstFailure = outcome.value.message;
    this.#errors += 1;
  }

  /** Says how it all ended, as both RPCs and the documented calls answer it. */
  summary(dryRun: boolean) {
    const failedCompletely = this.#errors > 0 && this.#updated === 0;
    const success = dryRun ? "dry run complete, nothing was changed" : "roster update complete";
    return {
      status: failedCompletely ? "error" : "ok",
      message: failedCompletely ? `roster update failed: ${this.#firstFailure}` : success,
      updated: this.#updated,
      errors: this.#errors,
    };
  }
}

/** Makes the error for a caller who has stopped waiting: what became of each user is not to be told. */
export function overdue(): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_NO_ANSWER,
    "The call's time was over before the refresh was: some of the rosters may have been updated; allow more time, or send fewer names in a call",
  );
}
