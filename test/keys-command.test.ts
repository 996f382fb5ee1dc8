import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { openDatabase } from "../src/database/database.js";
import { DEFAULT_GRANTS } from "../src/keys/grants.js";
import { KeyStore } from "../src/keys/key-store.js";
import { type CommandOutcome, runDoorman } from "./support/doorman-process.js";
import { suite } from "./support/suite.js";

const KEY_LINE = /^[\w-]{8}\/[\w-]{32}\n$/;
const DAY_MS = 24 * 60 * 60 * 1000;

const keysCommand = suite<{ folder: string }>("doorman keys");

keysCommand.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
});
keysCommand.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

keysCommand("create prints the key and nothing else", async ({ folder }) => {
  const key = await create(folder, "example.com", "My test key");
  assert.not.match(key, /^-/);
});

keysCommand("list prints the id, a tab and the name of each key of the host", async (context) => {
  const { folder } = context;
  const named = await create(folder, "example.com", "My test key");
  const nameless = await create(folder, "example.com");
  await create(folder, "localhost", "of the other host");
  assert.equal(await list(folder, "example.com"), [
    `${idOf(named)}\tMy test key`,
    `${idOf(nameless)}\t<unknown>`,
  ]);
});

keysCommand("list keeps a name with a tab and a line end on one line", async ({ folder }) => {
  const key = await create(folder, "example.com", "two\nlines\tand a tab");
  assert.equal(await list(folder, "example.com"), [`${idOf(key)}\ttwo lines and a tab`]);
});

keysCommand("list prints nothing for a host without keys", async ({ folder }) => {
  await create(folder, "localhost");
  assert.equal(await list(folder, "example.com"), []);
});

keysCommand("create takes control characters out of a name", async ({ folder }) => {
  const key = await create(folder, "example.com", "\u001b[31mred\u009b0m\u007f and \u202eback");
  const [line = ""] = await list(folder, "example.com");
  assert.is(line, `${idOf(key)}\t[31mred 0m  and  back`);
});

keysCommand("list and delete make no data folder, and name the missing one", async ({ folder }) => {
  const missing = join(folder, "missing");
  for (const data of [missing, folder]) {
    for (const [command = "", ...id] of [["list"], ["delete", "X"]]) {
      const outcome = await keys(data, command, "example.com", ...id);
      assertFails(outcome, new RegExp(`^Error: there is no data folder ${data} .*--data`));
    }
  }
  assert.equal(readdirSync(folder), []);
});

keysCommand("delete takes one key away", async ({ folder }) => {
  const one = await create(folder, "example.com", "one");
  const other = await create(folder, "example.com", "other");
  const outcome = await keys(folder, "delete", "example.com", idOf(one));
  assert.equal(outcome, { status: 0, stdout: "", stderr: "" });
  assert.equal(await list(folder, "example.com"), [`${idOf(other)}\tother`]);
});

keysCommand("delete says that an unknown id is not found", async ({ folder }) => {
  const key = await create(folder, "example.com");
  assertFails(await keys(folder, "delete", "example.com", "AAAAAAAA"), "Error: key not found");
  // Of this id too, because it is the other host's key.
  assertFails(await keys(folder, "delete", "localhost", idOf(key)), "Error: key not found");
  assert.is((await list(folder, "example.com")).length, 1);
});

keysCommand("refuses a host that is not served", async ({ folder }) => {
  const commands = [["create"], ["list"], ["delete"]];
  for (const host of ["elsewhere.example", "not a host", ""]) {
    for (const [command = ""] of commands) {
      const outcome = await keys(folder, command, host, ...(command === "delete" ? ["X"] : []));
      assertFails(outcome, "Error: please supply a valid host");
    }
  }
});

keysCommand("takes a host in capitals for the host", async ({ folder }) => {
  const key = await create(folder, "EXAMPLE.com", "loud");
  assert.equal(await list(folder, "example.com"), [`${idOf(key)}\tloud`]);
});

keysCommand("takes the hosts from the configuration file, and its data folder", async (context) => {
  const file = join(context.folder, "doorman.yaml");
  writeFileSync(file, "data: its-data\nhosts: { elsewhere.example: {} }\n");
  const parameters = ["--config", file];
  const outcome = await runDoorman("keys", "create", "elsewhere.example", ...parameters);
  assert.match(outcome.stdout, KEY_LINE);
  assert.ok(readdirSync(join(context.folder, "its-data")).includes("doorman.sqlite"));
  const refused = await runDoorman("keys", "create", "example.com", ...parameters);
  assertFails(refused, "Error: please supply a valid host");
});

keysCommand(
  "gives the grants of the four services and the sandbox's by default",
  async (context) => {
    const key = await create(context.folder, "example.com");
    const { grants, expire_time } = await stored(context.folder, key);
    for (const grant of [...DEFAULT_GRANTS, "sandbox.manage"]) {
      assert.ok(grants.split(" ").includes(grant), grant);
    }
    assert.is(expire_time, null);
  },
);

keysCommand("gives the grants of --grant and no other", async ({ folder }) => {
  const grants = ["--grant", "rooms.kick", "--grant", "invites.create"];
  const key = await create(folder, "example.com", "", ...grants);
  assert.equal((await stored(folder, key)).grants.split(" ").sort(), [
    "invites.create",
    "rooms.kick",
  ]);
});

keysCommand("refuses a grant that there is not, and creates nothing", async ({ folder }) => {
  const outcome = await keys(folder, "create", "example.com", "", "--grant", "rooms.burn");
  assertFails(outcome, /^Error: .*rooms\.burn.*rooms\.kick/);
  assert.equal(readdirSync(folder), []);
});

keysCommand("lets a key expire after --expires", async ({ folder }) => {
  const before = Date.now();
  const key = await create(folder, "example.com", "", "--expires", "30d");
  const expireTime = Number((await stored(folder, key)).expire_time);
  assert.ok(expireTime >= before + 30 * DAY_MS);
  assert.ok(expireTime <= Date.now() + 30 * DAY_MS);
});

keysCommand("refuses a lifetime that is none, and creates nothing", async ({ folder }) => {
  for (const expires of ["soon", "30", "0d", "-1d", "99999d", ""]) {
    const outcome = await keys(folder, "create", "example.com", "", `--expires=${expires}`);
    assertFails(outcome, /^(Error|error): .*--expires/);
  }
  assert.equal(readdirSync(folder), []);
});

keysCommand("refuses what is no command with an error and exit status 1", async ({ folder }) => {
  assert.is((await keys(folder, "create")).status, 1);
  assert.is((await keys(folder, "steal", "example.com")).status, 1);
  assert.is((await keys(folder, "create", "example.com", "name", "--colour=red")).status, 1);
});

function keys(folder: string, ...parameters: string[]): Promise<CommandOutcome> {
  return runDoorman("keys", ...parameters, "--data", folder);
}

async function create(folder: string, host: string, ...parameters: string[]): Promise<string> {
  const { status, stdout, stderr } = await keys(folder, "create", host, ...parameters);
  assert.is(status, 0, stderr);
  assert.is(stderr, "");
  assert.match(stdout, KEY_LINE);
  return stdout.trimEnd();
}

async function list(folder: string, host: string): Promise<string[]> {
  const { status, stdout, stderr } = await keys(folder, "list", host);
  assert.is(status, 0, stderr);
  return stdout.split("\n").slice(0, -1);
}

function assertFails({ status, stdout, stderr }: CommandOutcome, error: string | RegExp): void {
  assert.is(status, 1);
  assert.is(stdout, "");
  if (typeof error === "string") assert.is(stderr, `${error}\n`);
  else assert.match(stderr, error);
}

async function stored(folder: string, key: string) {
  const database = await openDatabase(folder);
  const row = await new KeyStore(database).find(idOf(key));
  await database.destroy();
  if (row === undefined) throw new Error(`no key ${idOf(key)} is stored`);
  return row;
}

function idOf(key: string): string {
  return key.split("/")[0] ?? "";
}

keysCommand.run();
