import type { Kysely } from "kysely";
import { sha256 } from "../crypto/digest.js";
import type { KeysTable, Schema } from "../database/schema.js";
import { generateKey } from "./key.js";

/** Keeps the API keys. Every question goes to the database, so that changes count at once. */
export class KeyStore {
  constructor(private readonly database: Kysely<Schema>) {}

  /**
   * Creates a key and answers it as `ID/TOKEN`, for the only time: its token is not stored.
   * @param expireTime undefined for a key that never expires
   */
  async create(
    host: string,
    name: string,
    grants: readonly string[],
    expireTime: Date | undefined,
  ): Promise<string> {
    const { id, token } = generateKey();
    await this.database
      .insertInto("keys")
      .values({
        id,
        host,
        name,
        token_sha256: sha256(token),
        grants: grants.join(" "),
        create_time: Date.now(),
        expire_time: expireTime?.getTime() ?? null,
      })
      .execute();
    return `${id}/${token}`;
  }

  async find(id: string): Promise<KeysTable | undefined> {
    return this.database.selectFrom("keys").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** Lists a host's keys, oldest first. */
  async list(host: string): Promise<KeysTable[]> {
    return this.database
      .selectFrom("keys")
      .selectAll()
      .where("host", "=", host)
      .orderBy("create_time")
      .orderBy("id")
      .execute();
  }

  /** Deletes a host's key; false when the host has none with that id. */
  async delete(host: string, id: string): Promise<boolean> {
    const result = await this.database
      .deleteFrom("keys")
      .where("host", "=", host)
      .where("id", "=", id)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Whether there is any key at all. */
  async isEmpty(): Promise<boolean> {
    const row = await this.database.selectFrom("keys").select("id").limit(1).executeTakeFirst();
    return row === undefined;
  }
}
