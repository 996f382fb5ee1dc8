import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import * as assert from "uvu/assert";
import { openDatabase } from "../src/database/database.js";
import { TestDoorman } from "./support/doorman.js";
import { runDoorman } from "./support/doorman-process.js";
import { suite } from "./support/suite.js";

/** Another program's connection to a data folder's database, in the middle of writing. */
class OtherWriter {
  readonly #sqlite: Sqlite.Database;

  constructor(dataFolder: string) {
    this.#sqlite = new Sqlite(join(dataFolder, "doorman.sqlite"));
    this.#sqlite.exec("BEGIN IMMEDIATE");
  }

  end(): void {
    if (this.#sqlite.open) this.#sqlite.close();
  }
}

const LONG_MS = 10 * 60_000;

const locked = suite<{ doorman: TestDoorman; writer: OtherWriter; key: string }>(
  "while another program writes to the database",
);

async function start(context: object, patienceMs: number) {
  const doorman = await TestDoorman.start({}, { patienceMs });
  Object.assign(context, { doorman });
  const key = await doorman.createKey("example.com");
  const writer = new OtherWriter(doorman.dataFolder);
  Object.assign(context, { writer });
  return { doorman, key, writer };
}

locked.after.each(async ({ doorman, writer }) => {
  writer?.end();
  await doorman?.close().catch(() => {});
});

locked("probes and reads are answered, and writes wait for its end", async (context) => {
  const { doorman, key, writer } = await start(context, LONG_MS);
  let written = 0;
  const writes = ["one", "two", "three"].map(async (note) => {
    const response = await doorman.rpc("InviteService/CreateInvite", key, { note });
    written += 1;
    return response.status;
  });
  for (let i = 0; i < 5; i++) {
    assert.is((await doorman.fetch("/healthz")).status, 200);
    const list = await doorman.rpc("InviteService/ListInvites", key, {});
    assert.equal(await list.json(), {});
  }
  assert.is(written, 0);
  writer.end();
  assert.equal(await Promise.all(writes), [200, 200, 200]);
  const list = await doorman.rpc("InviteService/ListInvites", key, {});
  assert.is(((await list.json()) as { invites: unknown[] }).invites.length, 3);
});

locked(
  "a write is refused as unavailable when that lasts, and nothing is written",
  async (context) => {
    const { doorman, key, writer } = await start(context, 50);
    const refused = await doorman.rpc("InviteService/CreateInvite", key, { note: "one" });
    assert.is(refused.status, 503);
    const { code, message, details } = (await refused.json()) as {
      code: string;
      message: string;
      details: { debug: { reason: string } }[];
    };
    assert.is(code, "unavailable");
    assert.match(message, /database locked.*try again/);
    assert.is(details[0]?.debug.reason, "ERROR_REASON_SERVER_UNAVAILABLE");
    assert.is((await doorman.fetch(`/invites_api?key=${key}`)).status, 503);
    writer.end();
    const list = await doorman.rpc("InviteService/ListInvites", key, {});
    assert.equal(await list.json(), {});
    assert.is((await doorman.rpc("InviteService/CreateInvite", key, {})).status, 200);
    assert.not.match(doorman.log, /"level":50/);
  },
);

locked("doorman keys waits for its end", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  try {
    await (await openDatabase(folder)).destroy();
    const writer = new OtherWriter(folder);
    context.writer = writer;
    const run = runDoorman("keys", "create", "example.com", "--data", folder);
    // Long enough for the command to find the database locked, on a machine that is not busy.
    await sleep(1_500);
    writer.end();
    const { status, stderr } = await run;
    assert.is(status, 0, stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

locked.run();
