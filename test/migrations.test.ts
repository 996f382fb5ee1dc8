import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { Kysely, Migrator, SqliteDialect } from "kysely";
import * as assert from "uvu/assert";
import { sha256 } from "../src/crypto/digest.js";
import { openDatabase } from "../src/database/database.js";
import { MIGRATIONS } from "../src/database/migrations.js";
import { InviteStore } from "../src/invites/invite-store.js";
import { suite } from "./support/suite.js";

const migrations = suite<{ folder: string }>("a data folder of an earlier version");

migrations.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-migrations-"));
});
migrations.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

migrations("keeps its invites, found by their tokens, as account invites", async ({ folder }) => {
  const [[name, first] = []] = Object.entries(MIGRATIONS);
  assert.is(name, "2026-11-20-first-tables");
  const file = join(folder, "doorman.sqlite");
  writeFileSync(file, "", { mode: 0o600 });
  const database = new Sqlite(file);
  const old = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  const provider = { getMigrations: async () => (first ? { [name ?? ""]: first } : {}) };
  const { error } = await new Migrator({ db: old, provider }).migrateToLatest();
  assert.is(error, undefined);
  const insert = database.prepare(
    `INSERT INTO invites VALUES (?, ?, 'example.com', 'doorman', 'marie', ?, '', 1, 2, 'note', ?, NULL, NULL, 'KEY')`,
  );
  // More than are copied at once.
  const count = 1_234;
  for (let index = 0; index < count; index += 1) {
    insert.run(`id${index}`, `token${index}`, `xmpp:${index}`, index);
  }
  await old.destroy();

  const upgraded = await openDatabase(folder);
  const store = new InviteStore(upgraded);
  for (const index of [0, 617, count - 1]) {
    const invite = await store.findByToken(`token${index}`);
    assert.is(invite?.id, `id${index}`);
    assert.is(invite?.token, `token${index}`);
    assert.is(invite?.purpose, "account");
    assert.is(invite?.uri, `xmpp:${index}`);
    assert.is(invite?.create_time, index);
    assert.is(invite?.uses, 1);
  }
  const { total } = await upgraded
    .selectFrom("invites")
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  assert.is(total, count);
  await upgraded.destroy();
});

/** What the tables are after each step, as a SHA-256 of their SQL. A step that is new is added at the end. */
const FROZEN: [name: string, digest: string][] = [
  ["2026-11-20-first-tables", "15bd617749cfef105d875d70d97db52a5afdefc543a51220b8dfabe33ba5f5ef"],
  ["2026-11-20-redemptions", "4cef0a92236d30f98c7961a1bd904f46466a4c5e51045e2672e14b6edb7acaed"],
  ["2026-11-20-unsure-hats", "dc2421329655ee5c22b08eecf6284ff294768b20544d8ab597c444bc99d57b33"],
  [
    "2026-11-21-redemptions-cut-short",
    "bcb05797cc2ea616feadd9cf5f896e7e7a0bd4b47d8af26c147f718e14806c65",
  ],
];

migrations("goes through the steps that it went through, which are never changed", async () => {
  const database = new Sqlite(":memory:");
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  const digests: [name: string, digest: string][] = [];
  for (const [name, { up }] of Object.entries(MIGRATIONS)) {
    await up(kysely);
    const tables = database
      .prepare("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
      .all();
    digests.push([name, sha256(JSON.stringify(tables))]);
  }
  await kysely.destroy();
  assert.equal(digests, FROZEN);
});

migrations.run();
