import { type CaseOutcome, type RecordedRun, readRecordedRun } from "./contract-record.js";

/** The servers of the table, by the names that their suites have. */
export const SERVERS = [
  "sandbox",
  "Prosody 0.12",
  "Prosody 0.12 whose administrators own no room",
  "Prosody 13.0",
  "ejabberd 23.01",
  "ejabberd 24.12",
] as const;

/** Begins the one line that differs from machine to machine. */
const VERSIONS = "Last run on ";

/** Names the servers of which there is no record. */
export function serversWithoutRecord(): string[] {
  return SERVERS.filter((server) => readRecordedRun(server) === undefined);
}

/**
 * Writes docs/compatibility.md from what the last run on each server saw.
 * @throws Error when a case failed, a record is missing, or a server is not the one of its column
 */
export function compatibilityTable(): string {
  const runs = SERVERS.map(runOn);
  const reasons: string[] = [];
  const mark = (outcome: CaseOutcome | undefined): string => {
    if (outcome?.notOffered === undefined) return outcome === undefined ? "" : "✓";
    const known = reasons.indexOf(outcome.notOffered);
    return `– (${known === -1 ? reasons.push(outcome.notOffered) : known + 1})`;
  };
  const cases = new Map(
    runs.flatMap((run) => run.cases.map(({ group, name }) => [name, group] as const)),
  );
  const groups = [...new Set(cases.values())].map((group) => {
    const names = [...cases].filter(([, one]) => one === group).map(([name]) => name);
    const rows = names.map((name) =>
      row(name, ...runs.map((run) => mark(run.cases.find((one) => one.name === name)))),
    );
    const header = [row("Case", ...SERVERS), row("---", ...SERVERS.map(() => ":-:"))];
    return [`## ${group}`, "", ...header, ...rows].join("\n");
  });
  const versions = runs.filter(({ version }) => version !== "").map(({ version }) => version);
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`);
  return [
    "# What works where",
    "",
    INTRODUCTION,
    "",
    `${VERSIONS}${new Intl.ListFormat("en").format(new Set(versions))}.`,
    "",
    groups.join("\n\n"),
    "",
    ...(notes.length > 0 ? ["## Not offered", "", ...notes, ""] : []),
  ].join("\n");
}

/** Takes out what may differ although the table is right: another patch of the same server. */
export function withoutVersions(table: string): string {
  return table.replace(new RegExp(`^${VERSIONS}.*$`, "m"), VERSIONS);
}

const INTRODUCTION = `Each row is a case of the contract suite in [test/contract](../test/contract), each column a server that it
was played on: ✓ it passed, – the server does not offer it, for the reason below. The table is written by
\`npm run compatibility\`, which plays the suite, and the tests fail when it is not what they saw. How to play
the suite on a server of your own: [testing.md](testing.md).`;

function runOn(server: string): RecordedRun {
  const run = readRecordedRun(server);
  if (run === undefined) throw new Error(`${server}: there is no record of a run`);
  const failed = run.cases.filter((one) => one.notOffered === undefined && !one.passed);
  if (failed.length > 0) {
    throw new Error(`${server}: failed: ${failed.map(({ name }) => name).join("; ")}`);
  }
  const [product] = /^\S+ [\d.]*\d/.exec(server) ?? [""];
  if (!run.version.startsWith(product)) {
    throw new Error(`${server}: the server that was played on is ${run.version}`);
  }
  return run;
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
