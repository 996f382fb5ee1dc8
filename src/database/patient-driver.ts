import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SqliteDialect,
} from "kysely";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../errors/doorman-error.js";
import { Semaphore } from "../waiting/semaphore.js";

const PAUSE_MS = 20;
const NEVER = new AbortController().signal;

/**
 * The SQLite dialect with a driver that waits for other programs without blocking: SQLite's own waiting
 * would stop the event loop.
 */
export class PatientSqliteDialect extends SqliteDialect {
  readonly #createDriver: () => Driver;

  /**
   * @param sqlite opened with a timeout of 0
   * @param patienceMs how long a statement waits for another program that is writing
   */
  constructor(sqlite: Sqlite.Database, patienceMs: number) {
    super({ database: sqlite });
    this.#createDriver = () => new PatientDriver(sqlite, patienceMs);
  }

  override createDriver(): Driver {
    return this.#createDriver();
  }
}

/**
 * Repeats work that finds the database locked, until it succeeds or it is too late.
 * @param giveUp in milliseconds since 1970-01-01 UTC
 * @throws SERVER_UNAVAILABLE when the database stays locked
 */
export async function untilUnlocked<T>(giveUp: number, work: () => T | Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (Date.now() > giveUp) throw stillLocked(error);
    }
    await sleep(PAUSE_MS);
  }
}

/**
 * Runs the statements of all connections on one SQLite handle. While another program writes, a statement
 * that writes waits and those that read go on. Transactions take the write lock when they begin, so that
 * no statement inside of one has to wait.
 */
class PatientDriver implements Driver {
  readonly #sqlite: Sqlite.Database;
  readonly #patienceMs: number;
  /** Statements that found the database locked are repeated in turn, not all at once. */
  readonly #turns: Semaphore;
  /** The connection whose transaction is open; statements of others wait for its end. */
  #owner: DatabaseConnection | undefined;
  #ownerIsDone: Promise<void> = Promise.resolve();
  #endOwner = () => {};

  constructor(sqlite: Sqlite.Database, patienceMs: number) {
    this.#sqlite = sqlite;
    this.#patienceMs = patienceMs;
    this.#turns = new Semaphore(1, patienceMs, () => stillLocked(undefined));
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection: DatabaseConnection = {
      executeQuery: (query) => this.#execute(connection, query),
      streamQuery: () => {
        throw new Error("this driver does not stream");
      },
    };
    return connection;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // After some errors SQLite has rolled back by itself.
    if (this.#owner !== connection) return;
    await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await this.rollbackTransaction(connection);
  }

  async destroy(): Promise<void> {
    this.#sqlite.close();
  }

  async #execute<R>(connection: DatabaseConnection, query: CompiledQuery): Promise<QueryResult<R>> {
    const giveUp = Date.now() + this.#patienceMs;
    try {
      return await this.#attempt<R>(connection, query);
    } catch (error) {
      if (!isLocked(error)) throw error;
      // A statement alone can be repeated, but not one of a transaction: the whole is rolled back.
      if (this.#owner === connection) throw stillLocked(error);
    }
    const repeat = () => untilUnlocked(giveUp, () => this.#attempt<R>(connection, query));
    return await this.#turns.run("write to the database", NEVER, repeat);
  }

  async #attempt<R>(connection: DatabaseConnection, query: CompiledQuery): Promise<QueryResult<R>> {
    while (this.#owner !== undefined && this.#owner !== connection) await this.#ownerIsDone;
    try {
      return this.#run<R>(query);
    } finally {
      this.#noteOwner(connection);
    }
  }

  #run<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    const statement = this.#sqlite.prepare<unknown[], R>(sql);
    if (statement.reader) return { rows: statement.all(...parameters) };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
  }

  #noteOwner(connection: DatabaseConnection): void {
    if (this.#sqlite.inTransaction && this.#owner === undefined) {
      this.#owner = connection;
      this.#ownerIsDone = new Promise((resolve) => {
        this.#endOwner = resolve;
      });
    } else if (!this.#sqlite.inTransaction && this.#owner !== undefined) {
      this.#owner = undefined;
      this.#endOwner();
    }
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && error.code.startsWith("SQLITE_BUSY");
}

function stillLocked(cause: unknown): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_UNAVAILABLE,
    "Another program keeps Doorman's database locked: try again later, or end what writes to doorman.sqlite",
    { cause },
  );
}
