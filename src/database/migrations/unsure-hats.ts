import type { Kysely, Migration } from "kysely";

/** Keeps the changes of hats of which it is not known whether the chat server carried them out. */
export const unsureHats: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await database.schema
      .createTable("hat_changes")
      .addColumn("room_jid", "text", (column) => column.notNull())
      .addColumn("user_jid", "text", (column) => column.notNull())
      .addColumn("hat_id", "text", (column) => column.notNull())
      .addColumn("removes", "integer", (column) => column.notNull())
      .addColumn("active", "integer", (column) => column.notNull())
      .addColumn("required", "integer", (column) => column.notNull())
      .addColumn("title", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("hat_changes_key", ["room_jid", "user_jid", "hat_id"])
      .execute();
  },
};
