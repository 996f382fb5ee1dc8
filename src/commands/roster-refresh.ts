import { create } from "@bufbuild/protobuf";
import type { Command } from "commander";
import {
  type Doorman,
  type RefreshRostersResponse,
  RefreshRostersResponseSchema,
  type RosterChanges,
  type RosterRefreshResult,
  type RosterRefreshSummary,
} from "../../client/src/index.js";
import { type ApiOptions, withApiOptions, withDefaultTimeout } from "./api-options.js";
import { call } from "./call.js";
import { inCommandWords } from "./command-words.js";
import { CommandFailure, ExitStatus } from "./exit-status.js";
import { type GivenName, inCalls, namesToRefresh, namingThePlace } from "./names-to-refresh.js";
import { columns, print } from "./output.js";
import { ProgressBar } from "./progress-bar.js";

/** Adds `doorman roster refresh`. */
export function addRosterRefreshCommand(roster: Command): void {
  const refreshCommand = roster
    .command("refresh")
    .description("fetch users' rosters from the contacts app and make them the users' rosters")
    .argument("[usernames...]", "the users' names, the part of their JID before the @")
    .option("--from <file>", "a file with more names, a line each; - reads standard input")
    .option("--host <host>", "the users' host (default: the key's)")
    .option("--dry-run", "report what would change and change nothing");
  const examples = [
    "doorman roster refresh john aaron --dry-run",
    "doorman roster refresh --from usernames.txt",
  ];
  withApiOptions(refreshCommand, ...examples).action(
    (usernames: string[], options: RefreshOptions) => refresh(usernames, options),
  );
  withDefaultTimeout(refreshCommand, "6h");
}

interface RefreshOptions extends ApiOptions {
  from?: string;
  host?: string;
  dryRun?: true;
}

function refresh(given: string[], options: RefreshOptions): Promise<void> {
  return call(options, async ({ rosters }) => {
    const names = await namesToRefresh(given, options.from);
    if (names.length === 0) {
      throw new CommandFailure("name a user, or a file with --from", ExitStatus.USAGE);
    }
    const seen: Seen = { results: [], summaries: [] };
    const progress = new ProgressBar(names.length);
    try {
      for (const batch of inCalls(names))
        await refreshBatch(rosters, batch, options, seen, progress);
    } finally {
      progress.clear();
      // What was done before a call failed is done, and whoever started it wants to know.
      if (seen.results.length > 0) report(answerOf(seen, names), options);
    }
  });
}

/** What the streams have reported so far. */
interface Seen {
  results: RosterRefreshResult[];
  summaries: RosterRefreshSummary[];
}

async function refreshBatch(
  rosters: Doorman["rosters"],
  names: GivenName[],
  options: RefreshOptions,
  seen: Seen,
  progress: ProgressBar,
): Promise<void> {
  const { host = "", dryRun } = options;
  const usernames = names.map(({ name }) => name);
  const request = { host, usernames, dryRun: dryRun === true };
  try {
    for await (const message of rosters.refreshRostersWithProgress(request)) {
      if (message.result) seen.results.push(message.result);
      if (message.summary) seen.summaries.push(message.summary);
      progress.show(seen.results.length);
    }
  } catch (error) {
    throw namingThePlace(error, names);
  }
}

/** Returns the results as RefreshRosters would have answered them, in the order of the names. */
function answerOf({ results, summaries }: Seen, names: GivenName[]): RefreshRostersResponse {
  const errors = results.filter(({ outcome }) => outcome.case === "error").length;
  const updated = results.length - errors;
  const status = errors > 0 && updated === 0 ? "error" : "ok";
  const message = summaries.find((summary) => summary.status === status)?.message ?? "";
  const places = new Map(names.map(({ name }, place) => [name.toLowerCase(), place]));
  const placeOf = ({ username }: RosterRefreshResult) => places.get(username) ?? names.length;
  const inOrder = results.toSorted((one, other) => placeOf(one) - placeOf(other));
  return create(RefreshRostersResponseSchema, {
    status,
    message,
    updated,
    errors,
    results: inOrder,
  });
}

function report(answer: RefreshRostersResponse, options: RefreshOptions): void {
  print(options, RefreshRostersResponseSchema, answer, ({ results, updated, errors }) =>
    [
      columns(results.map((result) => [result.username, outcomeText(result)])),
      options.dryRun
        ? `Dry run, nothing was changed: ${updated} would be up to date, ${errors} failed`
        : `${updated} up to date, ${errors} failed`,
    ].join("\n"),
  );
  if (answer.errors > 0) process.exitCode = ExitStatus.SOME_FAILED;
}

function outcomeText({ outcome }: RosterRefreshResult): string {
  switch (outcome.case) {
    case "changes":
      return changesText(outcome.value);
    case "error":
      return `failed: ${inCommandWords(outcome.value.message)}`;
    default:
      return "unchanged";
  }
}

/** Describes what a roster's change has touched. */
export function changesText(changes: RosterChanges | undefined): string {
  const { added = 0, changed = 0, removed = 0 } = changes ?? {};
  return added + changed + removed === 0
    ? "unchanged"
    : `${added} added, ${changed} changed, ${removed} removed`;
}
