import { type Kysely, sql } from "kysely";
import type { Schema } from "../../database/schema.js";

const MAX_LATEST = 100;

/** Who redeemed an invite, and when. */
export interface Redeemer {
  user_jid: string;
  redeem_time: number;
}

/** Tells who redeemed the invites. */
export class RedeemerStore {
  constructor(private readonly database: Kysely<Schema>) {}

  /** Lists who redeemed each of some invites, the latest first, 100 of each at the most. */
  async latest(inviteIds: readonly string[]): Promise<Map<string, Redeemer[]>> {
    const byInvite = new Map<string, Redeemer[]>();
    if (inviteIds.length === 0) return byInvite;
    const rows = await this.database
      .selectFrom((builder) =>
        builder
          .selectFrom("redemptions")
          .select(["invite_id", "user_jid", "redeem_time"])
          .select(
            sql<number>`row_number() over (partition by invite_id order by redeem_time desc, id)`.as(
              "place",
            ),
          )
          .where("invite_id", "in", [...inviteIds])
          .where("redeem_time", "is not", null)
          .as("ranked"),
      )
      .select(["invite_id", "user_jid", "redeem_time"])
      .where("place", "<=", MAX_LATEST)
      .orderBy("invite_id")
      .orderBy("place")
      .execute();
    for (const { invite_id, user_jid, redeem_time } of rows) {
      if (redeem_time === null) continue;
      const redeemers = byInvite.get(invite_id) ?? [];
      redeemers.push({ user_jid, redeem_time });
      byInvite.set(invite_id, redeemers);
    }
    return byInvite;
  }

  /**
   * Lists who redeemed an invite, the latest first.
   * @param after the redeem_time and id of the last of the page before
   */
  async list(
    inviteId: string,
    limit: number,
    after: { redeemTime: number; id: string } | undefined,
  ): Promise<(Redeemer & { id: string })[]> {
    let query = this.database
      .selectFrom("redemptions")
      .select(["id", "user_jid", "redeem_time"])
      .where("invite_id", "=", inviteId)
      .where("redeem_time", "is not", null)
      .$narrowType<{ redeem_time: number }>();
    if (after) {
      query = query.where(({ eb, and, or }) =>
        or([
          eb("redeem_time", "<", after.redeemTime),
          and([eb("redeem_time", "=", after.redeemTime), eb("id", ">", after.id)]),
        ]),
      );
    }
    return query.orderBy("redeem_time", "desc").orderBy("id").limit(limit).execute();
  }
}
