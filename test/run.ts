// Runs test files, each in a process of its own, and adds up what they report:
//   node dist/test/run.js [--long] [FILE [CASE]]
// uvu alone exits 0 on a suite that never ran, so this counts: passed must equal total, and every suite
// must have run.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { forgetRecordedRuns } from "./contract/contract-record.js";
import { runOrder } from "./run-order.js";

/** How long one file may take; then its process is killed and the file has failed. */
const FILE_TIMEOUT_MS = 1_800_000;
/** One more than a small machine has cores: most files also wait, for servers and for what they start. */
const FILES_AT_ONCE = 3;
/** Reads what the contract suites of the same run have recorded. */
const LAST_FILE = "compatibility.test.js";
/** Has what takes minutes: crashes, load, generated input, clients in other languages. */
const LONG_FOLDER = "long/";

interface Outcome {
  file: string;
  passed: number;
  failed: number;
  skipped: string[];
  output: string;
}

const { values, positionals } = parseArgs({
  options: { long: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [filePart = "", casePart = ""] = positionals;
if (positionals.length > 2) {
  throw new Error("too many arguments; write a name with spaces in quotation marks: FILE CASE");
}

const folder = dirname(fileURLToPath(import.meta.url));
// The sources are listed, and not their compiled files, among which are those of sources that are gone.
const allFiles = readdirSync(join(folder, "../../test"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => file.replace(/ts$/, "js"));
// A file that is named is run whichever part it is of.
const files = allFiles.filter(
  (file) =>
    file.includes(filePart) &&
    (file.startsWith(LONG_FOLDER) ? values.long || filePart !== "" : !values.long),
);
const isWholePart = filePart === "" && casePart === "";
if (isWholePart && !values.long) forgetRecordedRuns();
const outcomes: Outcome[] = [];
const queue = runOrder(allFiles).filter((file) => files.includes(file) && file !== LAST_FILE);
await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
queue.push(...files.filter((file) => file === LAST_FILE));
await work();

const sum = (count: (outcome: Outcome) => number) =>
  outcomes.reduce((total, outcome) => total + count(outcome), 0);
const passed = sum((outcome) => outcome.passed);
const failed = sum((outcome) => outcome.failed) + (files.length === 0 ? 1 : 0);
const skipped = outcomes.flatMap((outcome) => outcome.skipped);
for (const name of skipped) console.log(`skipped: ${name}`);
if (files.length === 0) console.log(`no test file has "${filePart}" in its name`);
else if (casePart !== "" && passed + failed === 0) {
  console.log(`no case has "${casePart}" in its name`);
}
const isBad = failed > 0 || passed === 0;
console.log(
  `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`,
);
process.exitCode = isBad ? 1 : 0;

async function work(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const startedAt = performance.now();
    const outcome = await runFile(file);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    outcomes.push(outcome);
    const ok = outcome.failed === 0;
    if (ok && casePart !== "" && outcome.passed === 0) continue;
    console.log(
      `${ok ? "ok  " : "FAIL"} ${file} (${outcome.passed} passed, ${outcome.failed} failed) ${seconds} s`,
    );
    if (!ok) console.log(outcome.output);
  }
}

function runFile(file: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(folder, file)], {
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", DOORMAN_TEST_CASE: casePart },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    const timer = setTimeout(() => {
      output += `\nkilled after ${FILE_TIMEOUT_MS} ms\n`;
      child.kill("SIGKILL");
    }, FILE_TIMEOUT_MS);
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve(judge(file, output, status));
    });
  });
}

function judge(file: string, output: string, status: number | null): Outcome {
  const count = (name: string) =>
    Number(new RegExp(`^\\s*${name}:\\s+(\\d+)`, "m").exec(output)?.[1] ?? 0);
  const total = count("Total");
  const passed = count("Passed");
  const skipped = [...output.matchAll(/^skipped: (.+)$/gm)].map(([, name]) => name ?? "");
  const faults = [
    status !== 0 && `exit status ${status}`,
    total === 0 && skipped.length === 0 && casePart === "" && "no test ran",
    suiteFaults(file),
  ].filter((fault) => typeof fault === "string");
  const failed = Math.max(total - passed - count("Skipped"), faults.length > 0 ? 1 : 0);
  return { file, passed, failed, skipped, output: [output, ...faults].join("\n") };
}

/** Finds in the compiled file what would pass in silence: a suite that is made and never run. */
function suiteFaults(file: string): string | false {
  const source = readFileSync(join(folder, file), "utf8");
  if (source.includes('from "uvu"')) return "takes suite from uvu, not from support/suite.ts";
  const made = source.match(/\bsuite\(/g)?.length ?? 0;
  const run = source.match(/\.run\(\)/g)?.length ?? 0;
  return made > run && `${made} suites are made and ${run} are run`;
}
