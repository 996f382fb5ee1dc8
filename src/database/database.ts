import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { Kysely, Migrator, SqliteDialect, sql } from "kysely";
import { MIGRATIONS } from "./migrations.js";
import type { Schema } from "./schema.js";

/** How long a statement waits for another process that is writing. */
const BUSY_TIMEOUT_MS = 5_000;

/** Whether a folder has a database. */
export function hasDatabase(dataFolder: string): boolean {
  return existsSync(fileIn(dataFolder));
}

/**
 * Opens the SQLite database in the data folder, making both when they are not there, and brings its
 * tables up to date. Several processes may have it open: the server and `doorman keys`, say.
 */
export async function openDatabase(dataFolder: string): Promise<Kysely<Schema>> {
  // The database holds invite tokens: nobody but the owner may read it, in a folder that others may
  // enter too. SQLite gives its other files the same permissions.
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const file = fileIn(dataFolder);
  closeSync(openSync(file, "a", 0o600));
  const sqlite = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS });
  await switchToWriteAheadLog(sqlite);
  // With FULL what was answered survives a power cut too, and not only kill -9.
  sqlite.pragma("synchronous = FULL");
  const database = new Kysely<Schema>({ dialect: new SqliteDialect({ database: sqlite }) });
  await migrate(database);
  return database;
}

/** Makes a database without tables that is gone when it is closed, for a command that keeps nothing. */
export function openNoDatabase(): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database: new Sqlite(":memory:") }) });
}

function fileIn(dataFolder: string): string {
  return join(dataFolder, "doorman.sqlite");
}

/**
 * SQLite waits for others at every statement but at this one, which fails at once where two processes
 * switch a new database at the same time.
 */
async function switchToWriteAheadLog(sqlite: Sqlite.Database): Promise<void> {
  const giveUp = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      sqlite.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      const isBusy = error instanceof Sqlite.SqliteError && error.code.startsWith("SQLITE_BUSY");
      if (!isBusy || Date.now() > giveUp) throw error;
      await setTimeout(20);
    }
  }
}

/**
 * Brings the tables up to date in one transaction that is alone in writing, from before it looks what
 * is there: of processes which start at once on a new folder one makes the tables and the others wait
 * for it, and a process that is killed midway leaves nothing. Kysely does neither on SQLite.
 */
async function migrate(database: Kysely<Schema>): Promise<void> {
  await database.connection().execute(async (connection) => {
    await sql`BEGIN IMMEDIATE`.execute(connection);
    const migrator = new Migrator({
      db: connection,
      provider: { getMigrations: async () => MIGRATIONS },
    });
    const { error } = await migrator.migrateToLatest();
    await (error === undefined ? sql`COMMIT` : sql`ROLLBACK`).execute(connection);
    if (error !== undefined) throw error;
  });
}
