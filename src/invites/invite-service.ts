import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { z } from "zod";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { type Invite, InviteState } from "../../gen/doorman/v1/invite_pb.js";
import {
  BulkCreateInvitesResponseSchema,
  CreateInviteResponseSchema,
  GetInviteResponseSchema,
  type InviteService,
  ListInvitesResponseSchema,
  ListRedemptionsResponseSchema,
  RedeemInviteResponseSchema,
  ResendInviteResponseSchema,
  RevokeInviteResponseSchema,
} from "../../gen/doorman/v1/invite_service_pb.js";
import type { InvitesTable } from "../database/schema.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";
import { pageToken, parsePageSize, parsePageToken } from "../fields/paging.js";
import { callerKey, requireNamedGrant } from "../keys/caller.js";
import { RESET_PASSWORD_GRANT } from "../keys/grants.js";
import { recordKey } from "../log/request-record.js";
import { bulkCreateInvites } from "./bulk-create-invites.js";
import { createInvite, type InviteDependencies } from "./create-invite.js";
import { inviteMessage, inviteState, redemptionMessage, requireState } from "./invite.js";
import { MAX_TOKEN_CHARACTERS, newToken, tokenColumns } from "./invite-token.js";
import { issuerUnsupported } from "./issue-invite.js";
import { type RedeemDependencies, redeemInvite } from "./redemption/redeem-invite.js";
import type { RedeemerStore } from "./redemption/redeemer-store.js";
import type { ServerInvites } from "./server-invites.js";

/** The create_time or redeem_time in milliseconds and the id of the last entry of a page. */
const SORT_KEYS = z.tuple([z.string().regex(/^\d{1,15}$/), z.string()]);

/** Makes the InviteService of invite_service.proto. */
export function inviteService(
  dependencies: InviteDependencies &
    RedeemDependencies & {
      redeemerStore: RedeemerStore;
      serverInvites: ServerInvites;
      /** Whether there is no chat server that apps can connect to. */
      isSandbox: boolean;
    },
): ServiceImpl<typeof InviteService> {
  const { hosts, inviteStore, serverInvites, redeemerStore } = dependencies;

  /** Finds the invite that a call is about, on a host that the caller may touch. */
  async function findInvite(
    request: { host: string; token: string; id?: string },
    context: HandlerContext,
  ): Promise<InvitesTable> {
    const { token, id = "" } = request;
    if (token === "" && id === "") throw invalidField("token", "is required");
    if (token !== "" && id !== "") throw invalidField("id", "either the token or the id, not both");
    const host = hosts.hostOf(context.values.get(callerKey), request.host);
    // No invite has a longer one.
    const isShort = Math.max(token.length, id.length) <= MAX_TOKEN_CHARACTERS;
    const find = () =>
      id === "" ? inviteStore.findByToken(token) : inviteStore.findById(id.toLowerCase());
    const invite = isShort ? await find() : undefined;
    if (invite?.host === host) {
      context.values.get(recordKey).isAbout({ invite: invite.id });
      return invite;
    }
    throw new DoormanError(
      ErrorReason.INVITE_NOT_FOUND,
      `${host} has no invite with this ${id === "" ? "token" : "id"}: check it, or look in ListInvites`,
    );
  }

  /** @param token what may be told of it: what is stored, unless it was made just now */
  async function message(invite: InvitesTable, token = invite.token): Promise<Invite> {
    const redeemers = await redeemerStore.latest([invite.id]);
    return inviteMessage(invite, redeemers.get(invite.id) ?? [], dependencies, token);
  }

  return {
    async createInvite(request, context) {
      const caller = context.values.get(callerKey);
      const issued = await createInvite(dependencies, caller, request, context.signal);
      return create(CreateInviteResponseSchema, {
        invite: await message(issued.invite, issued.token),
      });
    },

    async bulkCreateInvites(request, context) {
      const caller = context.values.get(callerKey);
      const invites = await bulkCreateInvites(dependencies, caller, request, context.signal);
      const redeemers = await redeemerStore.latest(invites.map(({ id }) => id));
      return create(BulkCreateInvitesResponseSchema, {
        invites: invites.map((invite) =>
          inviteMessage(invite, redeemers.get(invite.id) ?? [], dependencies),
        ),
      });
    },

    async getInvite(request, context) {
      const found = await findInvite(request, context);
      const invite = await serverInvites.current(found, context.signal);
      return create(GetInviteResponseSchema, { invite: await message(invite) });
    },

    async listInvites(request, context) {
      const host = hosts.hostOf(context.values.get(callerKey), request.host);
      const { state } = request;
      if (InviteState[state] === undefined) {
        throw invalidField("state", "is none of the values of InviteState");
      }
      const pageSize = parsePageSize(request.pageSize);
      const list = `ListInvites ${host} ${state || ""}`.trimEnd();
      const [createTime, id] = parsePageToken(list, request.pageToken, SORT_KEYS) ?? [];
      const after = id === undefined ? undefined : { createTime: Number(createTime), id };
      // One more than asked for tells whether there is a next page.
      const invites = await inviteStore.list(host, state, pageSize + 1, after);
      const page = invites.slice(0, pageSize);
      const last = page.at(-1);
      const redeemers = await redeemerStore.latest(page.map((invite) => invite.id));
      return create(ListInvitesResponseSchema, {
        invites: page.map((invite) =>
          inviteMessage(invite, redeemers.get(invite.id) ?? [], dependencies),
        ),
        nextPageToken:
          last && invites.length > page.length
            ? pageToken(list, [String(last.create_time), last.id])
            : "",
      });
    },

    async listRedemptions(request, context) {
      const invite = await findInvite(request, context);
      const pageSize = parsePageSize(request.pageSize);
      const list = `ListRedemptions ${invite.id}`;
      const [redeemTime, id] = parsePageToken(list, request.pageToken, SORT_KEYS) ?? [];
      const after = id === undefined ? undefined : { redeemTime: Number(redeemTime), id };
      const redeemers = await redeemerStore.list(invite.id, pageSize + 1, after);
      const page = redeemers.slice(0, pageSize);
      const last = page.at(-1);
      return create(ListRedemptionsResponseSchema, {
        redemptions: page.map(redemptionMessage),
        nextPageToken:
          last && redeemers.length > page.length
            ? pageToken(list, [String(last.redeem_time), last.id])
            : "",
      });
    },

    async revokeInvite(request, context) {
      const found = await findInvite(request, context);
      if (found.issuer === "server") throw issuerUnsupported("token");
      await inviteStore.revoke(found.id, Date.now());
      const invite = await findInvite(request, context);
      if (inviteState(invite) !== InviteState.REVOKED) throw nothingToRevoke(invite);
      return create(RevokeInviteResponseSchema, { invite: await message(invite) });
    },

    async resendInvite(request, context) {
      const found = await findInvite(request, context);
      if (found.purpose === "password_reset") {
        requireNamedGrant(context.values.get(callerKey), RESET_PASSWORD_GRANT);
      }
      if (found.issuer === "server") throw issuerUnsupported("token");
      requireState(found);
      const token = newToken();
      const columns = tokenColumns(token, found);
      if (!(await inviteStore.replaceToken(found, columns, Date.now()))) {
        // Somebody has redeemed, revoked or resent it in the meantime; the latter voided this token.
        requireState(await findInvite(request, context));
        throw new DoormanError(
          ErrorReason.CHANGE_NOT_APPLIED,
          "The invite was sent anew by another call at the same time: try again",
        );
      }
      return create(ResendInviteResponseSchema, {
        invite: await message({ ...found, ...columns }, token),
      });
    },

    async redeemInvite(request, context) {
      const invite = await findInvite(request, context);
      const redeemed = await redeemInvite(dependencies, invite, request, context.signal);
      return create(RedeemInviteResponseSchema, redeemed);
    },
  };
}

function nothingToRevoke(invite: InvitesTable): DoormanError {
  return inviteState(invite) === InviteState.REDEEMED
    ? new DoormanError(
        ErrorReason.INVITE_REDEEMED,
        "The invite has been redeemed as often as it may be: there is nothing left to revoke",
      )
    : new DoormanError(
        ErrorReason.INVITE_EXPIRED,
        "The invite has expired: there is nothing left to revoke",
      );
}
