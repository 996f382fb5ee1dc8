import type { Kysely, Migration } from "kysely";

/** Keeps what a redemption that was cut short is judged by: when the server was asked, and for what password. */
export const redemptionsCutShort: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    const { schema } = database;
    await schema.alterTable("redemptions").addColumn("ask_time", "bigint").execute();
    await schema.alterTable("redemptions").addColumn("password_digest", "text").execute();
  },
};
