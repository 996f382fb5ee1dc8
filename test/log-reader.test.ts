import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { suite } from "./support/suite.js";

const MAIN = fileURLToPath(new URL("../src/main.js", import.meta.url));
/** Their lines are longer than what a pipe holds. */
const CALLS = 1_000;
/** Their lines are longer than what a pipe and Doorman hold: 1.3 million characters. */
const MANY_CALLS = 3_500;
const AT_ONCE = 16;
const LONG = "x".repeat(100);

const reader = suite<{ folder: string; doorman: UnreadDoorman }>("the reader of the log");

reader.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  context.doorman = await startUnread(context.folder);
});
reader.after.each(({ doorman, folder }) => {
  doorman?.process.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

reader("when it stalls every call is answered, and dropped lines are counted", async (context) => {
  const { doorman } = context;
  await call(doorman, MANY_CALLS);
  const dropped = await until(doorman.log, ({ msg }) => String(msg).includes("were dropped"));
  assert.ok(Number(dropped.dropped) > 0);
  // The lines after it are written again.
  await call(doorman, 1);
  await until(doorman.log, ({ rpc }) => rpc !== undefined);
});

reader("when it stalls Doorman stops as it is told to", async ({ doorman }) => {
  await call(doorman, CALLS);
  const exited = once(doorman.process, "exit");
  doorman.process.kill("SIGTERM");
  assert.equal(await exited, [0, null]);
});

/** An address that this machine has not (RFC 5737): Doorman logs that it is the sandbox, and ends. */
const NOWHERE = "192.0.2.1:5280";

reader("a terminal shows lines for people", async ({ folder }) => {
  const command = [process.execPath, MAIN, "serve", "--data", folder, "--listen", NOWHERE].join(
    " ",
  );
  const terminal = spawn("script", ["--quiet", "--flush", "--command", command, "/dev/null"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const shown = (await terminal.stdout.toArray()).join("");
  assert.match(shown, /^\[?\d\d:\d\d:\d\d\]? WARN: No XMPP server is configured/m);
  assert.not.match(shown, /"msg"/);
});

reader("anything else gets JSON lines with ISO times", async ({ doorman }) => {
  const line = await until(doorman.log, ({ msg }) => String(msg).includes("No XMPP server"));
  assert.match(String(line.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

/** A Doorman whose log nobody reads until a test does. */
interface UnreadDoorman {
  process: ChildProcess;
  url: string;
  key: string;
  log: Readable;
}

async function startUnread(folder: string): Promise<UnreadDoorman> {
  const parameters = ["serve", "--data", folder, "--listen", "127.0.0.1:0"];
  const child = spawn(process.execPath, [MAIN, ...parameters], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += chunk;
    const url = /^Doorman listens on (\S+)$/m.exec(printed)?.[1];
    const key = /shown only now: (\S+)$/m.exec(printed)?.[1];
    if (url && key) return { process: child, url, key, log: child.stderr };
  }
  throw new Error(`Doorman did not start: ${printed}`);
}

async function call({ url, key }: UnreadDoorman, count: number): Promise<void> {
  let left = count;
  const callers = Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
    while (left > 0) {
      left -= 1;
      const response = await fetch(`${url}/doorman.v1.RoomService/KickOccupant`, {
        method: "POST",
        headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
        body: JSON.stringify({ room_jid: LONG, user_jid: LONG, nickname: LONG }),
        signal: AbortSignal.timeout(120_000),
      });
      await response.arrayBuffer();
      assert.is(response.status, 400);
    }
  });
  await Promise.all(callers);
}

/** Reads lines until one is as wanted. */
async function until(
  log: Readable,
  isWanted: (line: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  let rest = "";
  for await (const chunk of log.iterator({ destroyOnReturn: false })) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    const found = lines.map((line) => JSON.parse(line)).find(isWanted);
    if (found !== undefined) return found;
  }
  throw new Error("the log has no such line");
}

reader.run();
