import { create } from "@bufbuild/protobuf";
import type { Command } from "commander";
import {
  type RefreshRostersResponse,
  RefreshRostersResponseSchema,
  type RosterChanges,
  type RosterRefreshResult,
} from "doorman-xmpp-client";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import { CommandFailure, ExitStatus } from "./exit-status.js";
import { readInput } from "./input.js";
import { columns, print } from "./output.js";
import { ProgressBar } from "./progress-bar.js";

/** How many users go in one call: few enough that the progress bar moves. */
const BATCH_SIZE = 100;

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
}

interface RefreshOptions extends ApiOptions {
  from?: string;
  host?: string;
  dryRun?: true;
}

function refresh(given: string[], options: RefreshOptions): Promise<void> {
  return call(options, async ({ rosters }) => {
    const listed = options.from === undefined ? [] : namesIn(await readInput(options.from));
    const usernames = [...new Set([...given, ...listed])];
    if (usernames.length === 0) {
      throw new CommandFailure("name a user, or a file with --from", ExitStatus.USAGE);
    }
    const { host = "", dryRun = false } = options;
    const progress = new ProgressBar(usernames.length);
    const answers: RefreshRostersResponse[] = [];
    try {
      for (let start = 0; start < usernames.length; start += BATCH_SIZE) {
        progress.show(start);
        const batch = usernames.slice(start, start + BATCH_SIZE);
        answers.push(await rosters.refreshRosters({ host, usernames: batch, dryRun }));
      }
    } finally {
      progress.clear();
      // What was done before a call failed is done, and whoever started it wants to know.
      if (answers.length > 0) report(combine(answers), options);
    }
  });
}

function namesIn(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Makes of several answers the one that a single call would have given. */
function combine(answers: RefreshRostersResponse[]): RefreshRostersResponse {
  const results = answers.flatMap((answer) => answer.results);
  const updated = answers.reduce((sum, answer) => sum + answer.updated, 0);
  const errors = answers.reduce((sum, answer) => sum + answer.errors, 0);
  const status = errors > 0 && updated === 0 ? "error" : "ok";
  const message = answers.find((answer) => answer.status === status)?.message ?? "";
  return create(RefreshRostersResponseSchema, { status, message, updated, errors, results });
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
  if (answer.errors === 0) return;
  process.exitCode = answer.status === "error" ? ExitStatus.FAILURE : ExitStatus.PARTLY;
}

function outcomeText({ outcome }: RosterRefreshResult): string {
  switch (outcome.case) {
    case "changes":
      return changesText(outcome.value);
    case "error":
      return `failed: ${outcome.value.message}`;
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
