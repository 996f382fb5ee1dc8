import { randomUUID } from "node:crypto";
import { type ExpressionBuilder, type Kysely, sql } from "kysely";
import type { InvitesTable, RedemptionsTable, Schema } from "../../database/schema.js";
import { isOpen } from "../invite-store.js";

/** How long a redemption is its worker's alone: longer than any step. */
export const LEASE_MS = 15_000;
/** Longer than any lease: one that ends later was given before the clock was set back. */
const MAX_LEASE_MS = 60_000;

/** Says why nothing could be claimed: the invite is open no more, or the name is being given to another. */
export type NoClaim = "closed" | "taken";

/**
 * Keeps who redeems the invites. A use is claimed before anything is asked of the chat server, so that
 * it is never spent twice; who has claimed it works on it alone until the lease ends.
 */
export class RedemptionStore {
  constructor(private readonly database: Kysely<Schema>) {}

  /**
   * Takes one of an invite's uses, in one transaction with the row that says for whom.
   * @param invite as its token was found: with another token by now it is closed
   */
  async claim(
    { id: inviteId, token_sha256 }: Pick<InvitesTable, "id" | "token_sha256">,
    userJid: string,
    now: number,
    leaseMs: number,
  ): Promise<RedemptionsTable | NoClaim> {
    const claim: RedemptionsTable = {
      id: randomUUID(),
      invite_id: inviteId,
      user_jid: userJid,
      state: "claimed",
      attempt: randomUUID(),
      lease_time: now + leaseMs,
      claim_time: now,
      redeem_time: null,
      ask_time: null,
      password_digest: null,
    };
    return this.database.transaction().execute(async (transaction) => {
      // First by the unique indexes: of several at once only one gets past this.
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto("redemptions")
        .values(claim)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 0n) return "taken";
      const { numUpdatedRows } = await transaction
        .updateTable("invites")
        .set(({ eb }) => ({ uses: eb("uses", "+", 1) }))
        .where("id", "=", inviteId)
        .where("token_sha256", "=", token_sha256)
        .where(isOpen(now))
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 1n) return claim;
      await transaction.deleteFrom("redemptions").where("id", "=", claim.id).execute();
      return "closed";
    });
  }

  /** Takes a redemption over whose lease has ended; undefined when somebody else was first. */
  async takeOver(
    { id, attempt }: RedemptionsTable,
    now: number,
    leaseMs: number,
  ): Promise<RedemptionsTable | undefined> {
    return this.database
      .updateTable("redemptions")
      .set({ attempt: randomUUID(), lease_time: now + leaseMs })
      .where("id", "=", id)
      .where("attempt", "=", attempt)
      .where("state", "!=", "done")
      .where(hasNoLease(now))
      .returningAll()
      .executeTakeFirst();
  }

  /** Writes how far a redemption has come; false when somebody else has taken it over. */
  async advance(
    { id, attempt }: RedemptionsTable,
    change: Partial<Omit<RedemptionsTable, "id" | "invite_id" | "user_jid" | "attempt">>,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.database
      .updateTable("redemptions")
      .set(change)
      .where("id", "=", id)
      .where("attempt", "=", attempt)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  /** Takes a claim back, and its use with it; does nothing when somebody else has taken it over. */
  async giveBack({ id, attempt, invite_id }: RedemptionsTable): Promise<void> {
    await this.database.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom("redemptions")
        .where("id", "=", id)
        .where("attempt", "=", attempt)
        .where("state", "!=", "done")
        .executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) return;
      await transaction
        .updateTable("invites")
        .set(({ eb }) => ({ uses: eb("uses", "-", 1) }))
        .where("id", "=", invite_id)
        .execute();
    });
  }

  /** Takes a claim back and leaves its use spent, because somebody has spent it at the chat server. */
  async giveUp({ id, attempt }: RedemptionsTable): Promise<void> {
    await this.database
      .deleteFrom("redemptions")
      .where("id", "=", id)
      .where("attempt", "=", attempt)
      .where("state", "!=", "done")
      .execute();
  }

  /** Finds the redemption of an invite by a user that is not done, or else the latest. */
  async find(inviteId: string, userJid: string): Promise<RedemptionsTable | undefined> {
    return this.database
      .selectFrom("redemptions")
      .selectAll()
      .where("invite_id", "=", inviteId)
      .where("user_jid", "=", userJid)
      .orderBy(sql`state = 'done'`)
      .orderBy("claim_time", "desc")
      .executeTakeFirst();
  }

  /** Lists redemptions that nobody works on and that are not done, with the invites they are of. */
  async listAbandoned(
    now: number,
    limit: number,
  ): Promise<{ redemption: RedemptionsTable; invite: InvitesTable }[]> {
    const abandoned = await this.database
      .selectFrom("redemptions")
      .selectAll()
      .where("state", "!=", sql.lit("done"))
      .where(hasNoLease(now))
      .orderBy("lease_time")
      .limit(limit)
      .execute();
    if (abandoned.length === 0) return [];
    const invites = await this.database
      .selectFrom("invites")
      .selectAll()
      .where(
        "id",
        "in",
        abandoned.map(({ invite_id }) => invite_id),
      )
      .execute();
    return abandoned.flatMap((redemption) => {
      const invite = invites.find(({ id }) => id === redemption.invite_id);
      return invite === undefined ? [] : [{ redemption, invite }];
    });
  }
}

function hasNoLease(now: number) {
  return ({ eb, or }: ExpressionBuilder<Schema, "redemptions">) =>
    or([eb("lease_time", "<=", now), eb("lease_time", ">", now + MAX_LEASE_MS)]);
}
