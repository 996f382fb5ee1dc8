import * as assert from "uvu/assert";
import type { Answer, BadInput, Expected } from "./support/bad-inputs/bad-input.js";
import { BAD_BINARY } from "./support/bad-inputs/binary.js";
import { BAD_BODIES } from "./support/bad-inputs/bodies.js";
import { BAD_BYTES } from "./support/bad-inputs/bytes.js";
import { BAD_CREDENTIALS } from "./support/bad-inputs/credentials.js";
import { BAD_GRPC } from "./support/bad-inputs/grpc.js";
import { BAD_HATS } from "./support/bad-inputs/hats.js";
import { BAD_HOSTS } from "./support/bad-inputs/hosts.js";
import { BAD_INVITES } from "./support/bad-inputs/invites.js";
import { BAD_JIDS } from "./support/bad-inputs/jids.js";
import { BAD_MUC_KICKS } from "./support/bad-inputs/muc-kick.js";
import { BAD_PAGES } from "./support/bad-inputs/pages.js";
import { BAD_ROOMS } from "./support/bad-inputs/rooms.js";
import { BAD_ROSTER_ADMINS } from "./support/bad-inputs/roster-admin.js";
import { BAD_ROSTERS } from "./support/bad-inputs/rosters.js";
import { BAD_ROUTES } from "./support/bad-inputs/routes.js";
import { BAD_RPC_HEADERS } from "./support/bad-inputs/rpc-headers.js";
import { everything, type Stage, setStage } from "./support/bad-inputs/stage.js";
import { BAD_TEXTS } from "./support/bad-inputs/texts.js";
import { suite } from "./support/suite.js";

/** By a sentence that begins with "refuses". */
const TABLES: Record<string, BadInput[]> = {
  "JIDs that are none": BAD_JIDS,
  "texts that XML cannot carry or that are too long": BAD_TEXTS,
  "rosters that are none": BAD_ROSTERS,
  "rooms that are not there": BAD_ROOMS,
  "hats that are none": BAD_HATS,
  "invites that are none": BAD_INVITES,
  "pages that are none": BAD_PAGES,
  "hosts that are not the key's": BAD_HOSTS,
  "bodies that are no message": BAD_BODIES,
  "wrong methods, paths and headers of RPCs": BAD_RPC_HEADERS,
  "RPCs without a good key": BAD_CREDENTIALS,
  "binary messages that are none": BAD_BINARY,
  "gRPC that is none": BAD_GRPC,
  "/muc_kick as nobody documents it": BAD_MUC_KICKS,
  "/roster_admin as nobody documents it": BAD_ROSTER_ADMINS,
  "other routes as nobody documents them": BAD_ROUTES,
  "bytes that are no HTTP": BAD_BYTES,
};

const badInput = suite<{ stage: Stage }>("bad input");

badInput.before.each(async (context) => {
  context.stage = await setStage();
});
badInput.after.each(async ({ stage }) => stage?.doorman.close().catch(() => {}));

for (const [what, table] of Object.entries(TABLES)) {
  badInput(`refuses ${what}, and nothing changes`, async ({ stage }) => {
    const faults: string[] = [];
    for (const row of table) {
      faults.push(...(await tryRow(stage, row)), ...(await harm(stage, row.name)));
    }
    assert.ok(faults.length === 0, faults.join("\n"));
  });
}

badInput("refuses all of it at once, and nothing changes", async ({ stage }) => {
  const rows = Object.values(TABLES).flat();
  assert.ok(rows.length >= 90);
  const names = new Set(rows.map(({ name }) => name));
  assert.is(names.size, rows.length, "two bad inputs have one name");
  const faults = (await Promise.all(rows.map((row) => tryRow(stage, row)))).flat();
  faults.push(...(await harm(stage, "all at once")));
  assert.ok(faults.length === 0, faults.join("\n"));
});

badInput.run();

/** Sends a bad input, and answers in what its answer is not the one expected. */
async function tryRow(stage: Stage, { name, send, expected }: BadInput): Promise<string[]> {
  try {
    const answer = await send(stage);
    const differences = compare(answer, expected);
    return differences.length === 0
      ? []
      : [`${name}: expected ${differences.join(", ")}; was ${JSON.stringify(answer)}`];
  } catch (error) {
    return [`${name}: ${error}${(error as Error).cause ?? ""}`];
  }
}

function compare(answer: Answer, { metadata, text, ...exact }: Expected): string[] {
  const differences = Object.entries(exact)
    .filter(([key, value]) => answer[key as keyof Answer] !== value)
    .map(([key, value]) => `${key} ${value}`);
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (answer.metadata[key] !== value) differences.push(`${key} ${value}`);
  }
  const isSaid = text instanceof RegExp ? text.test(answer.text) : answer.text.includes(text ?? "");
  if (!isSaid || (text !== undefined && answer.text === "")) differences.push(`words ${text}`);
  return differences;
}

/** Answers what a bad input has changed, whether the server still lives, and what it calls a fault. */
async function harm(stage: Stage, name: string): Promise<string[]> {
  let now: string[];
  try {
    now = await everything(stage);
  } catch (error) {
    return [`${name}: the next call fails: ${error}${(error as Error).cause ?? ""}`];
  }
  const harms = now.flatMap((part, index) => {
    const before = stage.before[index];
    return part === before ? [] : [`${name}: changed ${before} to ${part}`];
  });
  // So that the next row answers for itself alone.
  stage.before = now;
  const health = await stage.doorman.fetch("/healthz");
  if (health.status !== 200) harms.push(`${name}: /healthz answers ${health.status}`);
  const { log } = stage.doorman;
  const lines = log.slice(stage.logRead).split("\n");
  stage.logRead = log.length;
  const token = stage.key.slice(stage.key.indexOf("/") + 1);
  for (const line of lines) {
    if (/"level":[56]0/.test(line)) harms.push(`${name}: logged as a fault: ${line}`);
    if (line.includes(token)) harms.push(`${name}: the log shows the key`);
  }
  return harms;
}
