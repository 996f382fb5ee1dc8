import type { Kysely, Migration } from "kysely";
import { redemptions } from "./migrations/redemptions.js";
import { redemptionsCutShort } from "./migrations/redemptions-cut-short.js";
import { unsureHats } from "./migrations/unsure-hats.js";

/** Are the steps that make the tables, by name and in order. A released one is never changed. */
export const MIGRATIONS: Record<string, Migration> = {
  "2026-11-20-first-tables": {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable("keys")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("host", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("token_sha256", "text", (column) => column.notNull())
        .addColumn("grants", "text", (column) => column.notNull())
        .addColumn("create_time", "bigint", (column) => column.notNull())
        .addColumn("expire_time", "bigint")
        .execute();
      await database.schema
        .createIndex("keys_by_host")
        .on("keys")
        .columns(["host", "id"])
        .execute();
      await database.schema
        .createTable("invites")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("token", "text", (column) => column.notNull().unique())
        .addColumn("host", "text", (column) => column.notNull())
        .addColumn("issuer", "text", (column) => column.notNull())
        .addColumn("username", "text", (column) => column.notNull())
        .addColumn("uri", "text", (column) => column.notNull())
        .addColumn("landing_page_url", "text", (column) => column.notNull())
        .addColumn("uses", "integer", (column) => column.notNull())
        .addColumn("max_uses", "integer", (column) => column.notNull())
        .addColumn("note", "text", (column) => column.notNull())
        .addColumn("create_time", "bigint", (column) => column.notNull())
        .addColumn("expire_time", "bigint")
        .addColumn("revoke_time", "bigint")
        .addColumn("key_id", "text", (column) => column.notNull())
        .execute();
      await database.schema
        .createIndex("invites_by_host")
        .on("invites")
        .columns(["host", "create_time", "id"])
        .execute();
      await database.schema
        .createTable("invite_requests")
        .addColumn("key_id", "text", (column) => column.notNull())
        .addColumn("request_id", "text", (column) => column.notNull())
        .addColumn("request_sha256", "text", (column) => column.notNull())
        .addColumn("invite_id", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("invite_requests_key", ["key_id", "request_id"])
        .execute();
      await database.schema
        .createTable("hats")
        .addColumn("room_jid", "text", (column) => column.notNull())
        .addColumn("user_jid", "text", (column) => column.notNull())
        .addColumn("hat_id", "text", (column) => column.notNull())
        .addColumn("active", "integer", (column) => column.notNull())
        .addColumn("required", "integer", (column) => column.notNull())
        .addColumn("title", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("hats_key", ["room_jid", "user_jid", "hat_id"])
        .execute();
    },
  },
  "2026-11-20-redemptions": redemptions,
  "2026-11-20-unsure-hats": unsureHats,
  "2026-11-21-redemptions-cut-short": redemptionsCutShort,
};
