import type { ExpressionBuilder, ExpressionWrapper, Kysely, SqlBool } from "kysely";
import { InviteState } from "../../gen/doorman/v1/invite_pb.js";
import { sha256 } from "../crypto/digest.js";
import type { InvitesTable, Schema } from "../database/schema.js";

/** Says which repeatable request an invite is stored for. */
export interface InviteRequest {
  requestId: string;
  /** What the request asks for, as a lower-case hexadecimal SHA-256. */
  requestSha256: string;
}

/** An invite with what was asked for in the request that it was made for. */
export type RequestedInvite = InvitesTable & { request_sha256: string };

/** Keeps the invites, those that the chat server issued too. */
export class InviteStore {
  constructor(private readonly database: Kysely<Schema>) {}

  /**
   * Stores new invites and, in the same transaction, the request they are for.
   * @param invites at least one; several have a bulk_id, and ids in their order
   * @returns false, with nothing stored, when that request id of the key has an invite already
   */
  async add(
    invites: readonly [InvitesTable, ...InvitesTable[]],
    request: InviteRequest | undefined,
  ): Promise<boolean> {
    const [first] = invites;
    return this.database.transaction().execute(async (transaction) => {
      if (request) {
        // First, and by the primary key: of two calls at once only one gets past this.
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto("invite_requests")
          .values({
            key_id: first.key_id,
            request_id: request.requestId,
            request_sha256: request.requestSha256,
            invite_id: first.id,
          })
          .onConflict((conflict) => conflict.columns(["key_id", "request_id"]).doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 0n) return false;
      }
      await transaction
        .insertInto("invites")
        .values([...invites])
        .execute();
      return true;
    });
  }

  /** Finds the invite, or the first of several, that a key's request id led to. */
  async findByRequest(keyId: string, requestId: string): Promise<RequestedInvite | undefined> {
    return this.database
      .selectFrom("invite_requests")
      .innerJoin("invites", "invites.id", "invite_requests.invite_id")
      .selectAll("invites")
      .select("invite_requests.request_sha256")
      .where("invite_requests.key_id", "=", keyId)
      .where("invite_requests.request_id", "=", requestId)
      .executeTakeFirst();
  }

  /** Lists invites that were created in one call, in the call's order. */
  async listBulk(bulkId: string): Promise<InvitesTable[]> {
    return this.database
      .selectFrom("invites")
      .selectAll()
      .where("bulk_id", "=", bulkId)
      .orderBy("id")
      .execute();
  }

  /** Finds an invite by its token alone, as a visitor of its page knows it. */
  async findByToken(token: string): Promise<InvitesTable | undefined> {
    return this.database
      .selectFrom("invites")
      .selectAll()
      .where("token_sha256", "=", sha256(token))
      .executeTakeFirst();
  }

  async findById(id: string): Promise<InvitesTable | undefined> {
    return this.database.selectFrom("invites").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /**
   * Lists a host's invites, newest first.
   * @param state the only one to list; unspecified for all
   * @param after the create_time and id of the last invite of the page before
   */
  async list(
    host: string,
    state: InviteState,
    limit: number,
    after: { createTime: number; id: string } | undefined,
  ): Promise<InvitesTable[]> {
    let query = this.database.selectFrom("invites").selectAll().where("host", "=", host);
    if (state !== InviteState.UNSPECIFIED) query = query.where(isInState(state, Date.now()));
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
      .where(isOpen(now))
      .execute();
  }

  /** Marks an invite as redeemed as often as it may be, because the chat server does not take it any more. */
  async markSpent(id: string): Promise<void> {
    await this.database
      .updateTable("invites")
      .set(({ ref }) => ({ uses: ref("max_uses") }))
      .where("id", "=", id)
      .execute();
  }

  /**
   * Gives an invite another token, unless by `now` it is redeemed, expired or revoked, or has another
   * already.
   */
  async replaceToken(
    { id, token_sha256 }: InvitesTable,
    columns: Pick<InvitesTable, "token" | "token_sha256" | "uri">,
    now: number,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.database
      .updateTable("invites")
      .set(columns)
      .where("id", "=", id)
      .where("token_sha256", "=", token_sha256)
      .where(isOpen(now))
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }
}

type Where = (
  builder: ExpressionBuilder<Schema, "invites">,
) => ExpressionWrapper<Schema, "invites", SqlBool>;

/** Whether an invite can be redeemed at the time `now`, in milliseconds. */
export function isOpen(now: number): Where {
  return ({ eb, and, or, ref }) =>
    and([
      eb("revoke_time", "is", null),
      eb("uses", "<", ref("max_uses")),
      or([eb("expire_time", "is", null), eb("expire_time", ">", now)]),
    ]);
}

/** What inviteState decides of one invite, for SQL. */
function isInState(state: InviteState, now: number): Where {
  return (builder) => {
    const { eb, and, ref } = builder;
    const notRevoked = eb("revoke_time", "is", null);
    switch (state) {
      case InviteState.REVOKED:
        return and([eb("revoke_time", "is not", null)]);
      case InviteState.REDEEMED:
        return and([notRevoked, eb("uses", ">=", ref("max_uses"))]);
      case InviteState.EXPIRED:
        return and([notRevoked, eb("uses", "<", ref("max_uses")), eb("expire_time", "<=", now)]);
      case InviteState.UNKNOWN:
        return and([isOpen(now)(builder), eb("issuer", "=", "server")]);
      default:
        return and([isOpen(now)(builder), eb("issuer", "=", "doorman")]);
    }
  };
}
