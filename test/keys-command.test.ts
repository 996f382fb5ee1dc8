import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { openDatabase } from "../src/database/database.js";
import { DEFAULT_GRANTS } from "../src/keys/grants.js";
import { KeyStore } from "../src/keys/key-store.js";
import { type CommandOutcome, runDoorman } from "./support/doorman-process.js";
import { doorman, run } from "./support/run-command.js";
import { suite } from "./support/suite.js";

const KEY_LINE = /^[\w-]{8}\/[\w-]{32}\n$/;
const DAY_MS = 24 * 60 * 60 * 1000;

const keysCommand = suite<{ folder: string }>("doorman keys");

keysCommand.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  // As a server has made it.
  await (await openDatabase(context.folder)).destroy();
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

keysCommand("list prints grants, creation and expiry behind further tabs", async ({ folder }) => {
  const grants = ["--grant", "rooms.kick", "--grant", "invites.create"];
  const passing = await create(folder, "example.com", "one", ...grants, "--expires", "30d");
  const lasting = await create(folder, "example.com", "two", "--grant", "hats.read");
  const { stdout } = await keys(folder, "list", "example.com");
  const { create_time, expire_time } = await stored(folder, passing);
  const time = (epochMs: number) => `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
  const expiry = time(Number(expire_time));
  const other = time((await stored(folder, lasting)).create_time);
  assert.equal(stdout.split("\n"), [
    [idOf(passing), "one", "rooms.kick,invites.create", time(create_time), expiry].join("\t"),
    [idOf(lasting), "two", "hats.read", other, "never"].join("\t"),
    "",
  ]);
});

keysCommand("list has a heading on a terminal", async ({ folder }) => {
  await create(folder, "example.com", "My test key", "--grant", "hats.read");
  const bin = fileURLToPath(new URL("../../bin/doorman.js", import.meta.url));
  const line = `'${process.execPath}' '${bin}' keys list example.com --data '${folder}'`;
  const { stdout } = await run("script", ["-qec", line, "/dev/null"]);
  const [heading = "", row = ""] = stdout.split("\r\n");
  assert.match(heading, /^ID +NAME +GRANTS +CREATED +EXPIRES$/);
  assert.match(row, /^[\w-]{8} {2}My test key {2}hats\.read {2}\S+Z +never$/);
});

keysCommand("list --json prints an object a line", async ({ folder }) => {
  const key = await create(folder, "example.com", "My test key", "--grant", "hats.read");
  const passing = await create(folder, "example.com", "", "--expires", "1d");
  const { expire_time } = await stored(folder, passing);
  const { stdout } = await keys(folder, "list", "example.com", "--json");
  const [first, second] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { createTime, ...rest } = first;
  const name = "My test key";
  assert.equal(rest, { id: idOf(key), host: "example.com", name, grants: ["hats.read"] });
  assert.match(createTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.is(second.name, "");
  const wholeSeconds = Number(expire_time) - (Number(expire_time) % 1_000);
  assert.is(Date.parse(second.expireTime), wholeSeconds);
  const refused = await keys(folder, "list", "elsewhere.example", "--json");
  assert.is(refused.status, 1);
  assert.is(JSON.parse(refused.stderr).message, "please supply a valid host");
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

keysCommand("names the database that is missing, and creates none", async ({ folder }) => {
  const empty = join(folder, "empty");
  mkdirSync(empty);
  for (const data of [join(folder, "missing"), empty]) {
    for (const [command = "", ...id] of [["create"], ["list"], ["delete", "X"]]) {
      const outcome = await keys(data, command, "example.com", ...id);
      assertFails(outcome, `Error: there is no database ${join(data, "doorman.sqlite")}; run`);
      assert.match(outcome.stderr, /--data.*--init/);
    }
  }
  assert.not.ok(existsSync(join(folder, "missing")));
  assert.equal(readdirSync(empty), []);
});

keysCommand("create --init creates the database and names it", async ({ folder }) => {
  const data = join(folder, "new");
  const outcome = await keys(data, "create", "example.com", "", "--init");
  assert.is(outcome.status, 0, outcome.stderr);
  assert.match(outcome.stdout, KEY_LINE);
  assert.is(outcome.stderr, `Created the database ${join(data, "doorman.sqlite")}\n`);
  const again = await keys(data, "create", "example.com", "", "--init");
  assert.is(again.stderr, "");
  assert.is((await list(data, "example.com")).length, 2);
});

keysCommand("reads DOORMAN_DATA, over which --data wins", async ({ folder }) => {
  const key = await create(folder, "example.com", "here");
  const other = join(folder, "other");
  const listed = await doorman(["keys", "list", "example.com"], { env: { DOORMAN_DATA: folder } });
  assert.match(listed.stdout, `${idOf(key)}\there\t`);
  const env = { DOORMAN_DATA: other };
  assert.match((await doorman(["keys", "list", "example.com"], { env })).stderr, other);
  const named = await doorman(["keys", "list", "example.com", "--data", folder], { env });
  assert.is(named.stdout, listed.stdout);
  const unset = { DOORMAN_DATA: "", DOORMAN_CONFIG: "" };
  const { stderr } = await doorman(["keys", "list", "example.com"], { env: unset, cwd: folder });
  assert.match(stderr, `there is no database ${join(folder, "data/doorman.sqlite")};`);
});

keysCommand("reads DOORMAN_CONFIG, over which --config wins", async ({ folder }) => {
  const file = join(folder, "doorman.yaml");
  writeFileSync(file, "data: .\nhosts: { elsewhere.example: {} }\n");
  const env = { DOORMAN_CONFIG: file };
  const created = await doorman(["keys", "create", "elsewhere.example"], { env });
  assert.match(created.stdout, KEY_LINE, created.stderr);
  const missing = await doorman(["keys", "list", "elsewhere.example", "--config", `${file}.none`], {
    env,
  });
  assert.is(missing.status, 1);
  assert.match(missing.stderr, `Cannot read ${file}.none`);
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
  assertFails(await keys(folder, "delete", "example.com", "AAAAAAAA"), /^Error: key not found\n$/);
  // Of this id too, because it is the other host's key.
  assertFails(await keys(folder, "delete", "localhost", idOf(key)), /^Error: key not found\n$/);
  assert.is((await list(folder, "example.com")).length, 1);
});

keysCommand("refuses a host that is not served", async ({ folder }) => {
  const commands = [["create"], ["list"], ["delete"]];
  for (const host of ["elsewhere.example", "not a host", ""]) {
    for (const [command = ""] of commands) {
      const outcome = await keys(folder, command, host, ...(command === "delete" ? ["X"] : []));
      assertFails(outcome, /^Error: please supply a valid host\n$/);
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
  const parameters = ["--config", file, "--init"];
  const outcome = await runDoorman("keys", "create", "elsewhere.example", ...parameters);
  assert.match(outcome.stdout, KEY_LINE);
  assert.ok(readdirSync(join(context.folder, "its-data")).includes("doorman.sqlite"));
  const refused = await runDoorman("keys", "create", "example.com", ...parameters);
  assertFails(refused, /^Error: please supply a valid host\n$/);
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

keysCommand("refuses an unknown grant as wrong usage, and creates no key", async ({ folder }) => {
  const outcome = await keys(folder, "create", "example.com", "", "--grant", "rooms.burn");
  assert.is(outcome.status, 2);
  assert.is(outcome.stdout, "");
  assert.match(outcome.stderr, /^Error: .*rooms\.burn.*rooms\.kick/);
  assert.equal(await list(folder, "example.com"), []);
});

keysCommand("lets a key expire after --expires", async ({ folder }) => {
  const before = Date.now();
  const key = await create(folder, "example.com", "", "--expires", "30d");
  const expireTime = Number((await stored(folder, key)).expire_time);
  assert.ok(expireTime >= before + 30 * DAY_MS);
  assert.ok(expireTime <= Date.now() + 30 * DAY_MS);
});

keysCommand("refuses an invalid lifetime as wrong usage, and creates no key", async (context) => {
  const { folder } = context;
  for (const expires of ["soon", "30", "0d", "-1d", "99999d", ""]) {
    const outcome = await keys(folder, "create", "example.com", "", `--expires=${expires}`);
    assert.is(outcome.status, 2, expires);
    assert.is(outcome.stdout, "");
    assert.match(outcome.stderr, "--expires");
  }
  assert.equal(await list(folder, "example.com"), []);
});

keysCommand("ends with 2 for wrong usage", async ({ folder }) => {
  assert.is((await keys(folder, "create")).status, 2);
  assert.is((await keys(folder, "steal", "example.com")).status, 2);
  assert.is((await keys(folder, "create", "example.com", "name", "--colour=red")).status, 2);
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

/** Returns the first two columns, which are those of mod_invites_api. */
async function list(folder: string, host: string): Promise<string[]> {
  const { status, stdout, stderr } = await keys(folder, "list", host);
  assert.is(status, 0, stderr);
  const rows = stdout.split("\n").slice(0, -1);
  return rows.map((row) => row.split("\t").slice(0, 2).join("\t"));
}

function assertFails({ status, stdout, stderr }: CommandOutcome, error: string | RegExp): void {
  assert.is(status, 1);
  assert.is(stdout, "");
  assert.match(stderr, error);
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
