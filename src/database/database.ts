import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { Kysely, Migrator, sql } from "kysely";
import { OWNER_ALONE, requirePrivate } from "../configuration/private-file.js";
import { MIGRATIONS } from "./migrations.js";
import { PatientSqliteDialect, untilUnlocked } from "./patient-driver.js";
import type { Schema } from "./schema.js";

/** How long a statement waits for another program that is writing. */
const PATIENCE_MS = 5_000;

/** Whether a folder has a database. */
export function hasDatabase(dataFolder: string): boolean {
  return existsSync(databaseFile(dataFolder));
}

/**
 * Opens the SQLite database in the data folder, making both when they are not there, and brings its
 * tables up to date. Several processes may have it open: the server and `doorman keys`, say.
 * @throws ConfigurationError when others may read it, SERVER_UNAVAILABLE when another program keeps it
 * locked
 */
export async function openDatabase(
  dataFolder: string,
  { patienceMs = PATIENCE_MS } = {},
): Promise<Kysely<Schema>> {
  // The database holds invite tokens: nobody but the owner may read it, in a folder that others may
  // enter too. SQLite gives its other files the same permissions.
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const file = databaseFile(dataFolder);
  const files = [file, `${file}-wal`, `${file}-shm`];
  requirePrivate(files, OWNER_ALONE, "the tokens of invites");
  closeSync(openSync(file, "a", 0o600));
  const sqlite = new Sqlite(file, { timeout: 0 });
  try {
    await untilUnlocked(Date.now() + patienceMs, () => {
      // Fails at once where two processes switch a new database at the same time.
      sqlite.pragma("journal_mode = WAL");
      // With FULL what was answered survives a power cut too, and not only kill -9.
      sqlite.pragma("synchronous = FULL");
    });
    const database = new Kysely<Schema>({ dialect: new PatientSqliteDialect(sqlite, patienceMs) });
    await migrate(database);
    return database;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/** Makes a database without tables that is gone when it is closed, for a command that keeps nothing. */
export function openNoDatabase(): Kysely<Schema> {
  const dialect = new PatientSqliteDialect(new Sqlite(":memory:"), PATIENCE_MS);
  return new Kysely<Schema>({ dialect });
}

/** Returns the path of the database in a data folder. */
export function databaseFile(dataFolder: string): string {
  return join(dataFolder, "doorman.sqlite");
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
