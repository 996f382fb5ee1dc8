import { type Kysely, type Migration, sql } from "kysely";
import { sha256 } from "../../crypto/digest.js";

const BATCH = 500;

/** What the step needs to know of the table that it found. */
interface Before {
  invites: { id: string; token: string };
  invites_with_purpose: Record<string, unknown>;
}

/**
 * Gives invites a purpose, finds them by the digest of their token, and keeps who redeemed them. The
 * table is made anew, because SQLite cannot let a column that is unique be null.
 */
export const redemptions: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await database.schema
      .createTable("invites_with_purpose")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("token", "text")
      .addColumn("token_sha256", "text", (column) => column.notNull())
      .addColumn("host", "text", (column) => column.notNull())
      .addColumn("issuer", "text", (column) => column.notNull())
      .addColumn("purpose", "text", (column) => column.notNull())
      .addColumn("username", "text", (column) => column.notNull())
      .addColumn("inviter_jid", "text", (column) => column.notNull())
      .addColumn("uri", "text", (column) => column.notNull())
      .addColumn("landing_page_url", "text", (column) => column.notNull())
      .addColumn("uses", "integer", (column) => column.notNull())
      .addColumn("max_uses", "integer", (column) => column.notNull())
      .addColumn("note", "text", (column) => column.notNull())
      .addColumn("create_time", "bigint", (column) => column.notNull())
      .addColumn("expire_time", "bigint")
      .addColumn("revoke_time", "bigint")
      .addColumn("key_id", "text", (column) => column.notNull())
      .addColumn("bulk_id", "text")
      .execute();
    await copyInvites(database as Kysely<Before>);
    await database.schema.dropTable("invites").execute();
    await database.schema.alterTable("invites_with_purpose").renameTo("invites").execute();
    await addIndexes(database);
  },
};

async function copyInvites(database: Kysely<Before>): Promise<void> {
  for (let last = ""; ; ) {
    const batch = await database
      .selectFrom("invites")
      .selectAll()
      .where("id", ">", last)
      .orderBy("id")
      .limit(BATCH)
      .execute();
    if (batch.length === 0) return;
    const copies = batch.map((invite) => ({
      ...invite,
      token_sha256: sha256(invite.token),
      purpose: "account",
      inviter_jid: "",
      bulk_id: null,
    }));
    await database.insertInto("invites_with_purpose").values(copies).execute();
    last = batch.at(-1)?.id ?? last;
  }
}

async function addIndexes(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createIndex("invites_by_host")
    .on("invites")
    .columns(["host", "create_time", "id"])
    .execute();
  await schema
    .createIndex("invites_by_token")
    .on("invites")
    .column("token_sha256")
    .unique()
    .execute();
  await schema.createIndex("invites_by_bulk").on("invites").columns(["bulk_id", "id"]).execute();
  await schema
    .createTable("redemptions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("invite_id", "text", (column) => column.notNull())
    .addColumn("user_jid", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("attempt", "text", (column) => column.notNull())
    .addColumn("lease_time", "bigint", (column) => column.notNull())
    .addColumn("claim_time", "bigint", (column) => column.notNull())
    .addColumn("redeem_time", "bigint")
    .execute();
  await schema
    .createIndex("redemptions_by_invite")
    .on("redemptions")
    .columns(["invite_id", "redeem_time"])
    .execute();
  // Nobody else gets a name, or a second use, while what becomes of the first is open.
  await schema
    .createIndex("redemptions_under_way_by_user")
    .on("redemptions")
    .column("user_jid")
    .unique()
    .where(sql.ref("state"), "in", sql`('claimed', 'asked')`)
    .execute();
  await schema
    .createIndex("redemptions_open")
    .on("redemptions")
    .columns(["invite_id", "user_jid"])
    .unique()
    .where(sql.ref("state"), "!=", sql`'done'`)
    .execute();
}
