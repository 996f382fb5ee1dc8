import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runsAllCases } from "../support/suite.js";

// dist/contract-records, seen from dist/test/contract.
const FOLDER = fileURLToPath(new URL("../../contract-records", import.meta.url));

/** Is what became of one case on one server. */
export interface CaseOutcome {
  passed?: boolean;
  /** Why the case is not played on the server; absent: it is. */
  notOffered?: string;
}

/** Is what a run of the contract suite on one server saw. */
export interface RecordedRun {
  server: string;
  /** As the server says itself; empty for the sandbox. */
  version: string;
  cases: ({ group: string; name: string } & CaseOutcome)[];
}

/**
 * Keeps what a run of the contract suite sees on one server. Each server has a process of its own, so
 * that the records meet in a folder beside the compiled tests.
 */
export class ContractRecord {
  readonly #cases: RecordedRun["cases"] = [];

  constructor(readonly server: string) {}

  /** Adds a case. @returns its outcome, which may change until `write` */
  add(group: string, name: string, outcome: CaseOutcome): CaseOutcome {
    if (this.#cases.some((one) => one.name === name)) {
      throw new Error(`there are two cases with the name "${name}"`);
    }
    const recorded = { group, name, ...outcome };
    this.#cases.push(recorded);
    return recorded;
  }

  /** Writes nothing when only some of the cases were run. */
  write(version: string): void {
    if (!runsAllCases()) return;
    mkdirSync(FOLDER, { recursive: true });
    const run: RecordedRun = { server: this.server, version, cases: this.#cases };
    writeFileSync(fileOf(this.server), JSON.stringify(run));
  }
}

/** Reads what the last run on a server saw; undefined when there is no record of one. */
export function readRecordedRun(server: string): RecordedRun | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(server), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Forgets all runs, so that what is read later is of those to come. */
export function forgetRecordedRuns(): void {
  rmSync(FOLDER, { recursive: true, force: true });
}

function fileOf(server: string): string {
  return join(FOLDER, `${server.replace(/[^a-zA-Z0-9.]+/g, "-")}.json`);
}
