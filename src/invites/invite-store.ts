import type { Kysely } from "kysely";
import type { InvitesTable, Schema } from "../database/schema.js";

/** Says which repeatable request an invite is stored for. */
export interface InviteRequest {
  requestId: string;
  /** What the request asks for, as a lower-case hexadecimal SHA-256. */
  requestSha256: string;
}

/** Keeps the invites, those that the chat server issued too. */
export class InviteStore {
  constructor(private readonly database: Kysely<Schema>) {}

  /**
   * Stores a new invite and, in the same transaction, the request it is for.
   * @returns false, with nothing stored, when that request id of the key has an invite already
   */
  async add(invite: InvitesTable, request: InviteRequest | undefined): Promise<boolean> {
    return this.database.transaction().execute(async (transaction) => {
      if (request) {
        // First, and by the primary key: of two calls at once only one gets past this.
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto("invite_requests")
          .values({
            key_id: invite.key_id,
            request_id: request.requestId,
            request_sha256: request.requestSha256,
            invite_id: invite.id,
          })
          .onConflict((conflict) => conflict.columns(["key_id", "request_id"]).doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 0n) return false;
      }
      await transaction.insertInto("invites").values(invite).execute();
      return true;
    });
  }

  /** Finds the invite that a key's request id led to, with what was asked for then. */
  async findByRequest(
    keyId: string,
    requestId: string,
  ): Promise<(InvitesTable & { request_sha256: string }) | undefined> {
    return this.database
      .selectFrom("invite_requests")
      .innerJoin("invites", "invites.id", "invite_requests.invite_id")
      .selectAll("invites")
      .select("invite_requests.request_sha256")
      .where("invite_requests.key_id", "=", keyId)
      .where("invite_requests.request_id", "=", requestId)
      .executeTakeFirst();
  }

  /** Finds an invite by its token alone, as a visitor of its page knows it. */
  async findByToken(token: string): Promise<InvitesTable | undefined> {
    return this.database
      .selectFrom("invites")
      .selectAll()
      .where("token", "=", token)
      .executeTakeFirst();
  }

  /**
   * Lists a host's invites, newest first.
   * @param after the create_time and id of the last invite of the page before
   */
  async list(
    host: string,
    limit: number,
    after: { createTime: number; id: string } | undefined,
  ): Promise<InvitesTable[]> {
    let query = this.database.selectFrom("invites").selectAll().where("host", "=", host);
    if (after) {
      query = query.where(({ eb, and, or }) =>
        or([
          eb("create_time", "<", after.createTime),
          and([eb("create_time", "=", after.createTime), eb("id", "<", after.id)]),
        ]),
      );
    }
    return query.orderBy("create_time", "desc").orderBy("id", "desc").limit(limit).execute();
  }

  /** Marks an invite as revoked, unless by `now` it is redeemed, expired or revoked already. */
  async revoke(id: string, now: number): Promise<void> {
    await this.database
      .updateTable("invites")
      .set({ revoke_time: now })
      .where("id", "=", id)
      .where("revoke_time", "is", null)
      .whereRef("uses", "<", "max_uses")
      .where(({ eb, or }) => or([eb("expire_time", "is", null), eb("expire_time", ">", now)]))
      .execute();
  }
}
