import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { z } from "zod";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { InviteState } from "../../gen/doorman/v1/invite_pb.js";
import {
  CreateInviteResponseSchema,
  GetInviteResponseSchema,
  type InviteService,
  ListInvitesResponseSchema,
  RevokeInviteResponseSchema,
} from "../../gen/doorman/v1/invite_service_pb.js";
import type { InvitesTable } from "../database/schema.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";
import { pageToken, parsePageSize, parsePageToken } from "../fields/paging.js";
import { callerKey } from "../keys/caller.js";
import { createInvite, type InviteDependencies, issuerUnsupported } from "./create-invite.js";
import { inviteMessage, inviteState } from "./invite.js";

/** The create_time in milliseconds and the id of the last invite of a page. */
const SORT_KEYS = z.tuple([z.string().regex(/^\d{1,15}$/), z.string()]);

/** Makes the InviteService of invite_service.proto. */
export function inviteService(dependencies: InviteDependencies): ServiceImpl<typeof InviteService> {
  const { hosts, inviteStore, publicUrl } = dependencies;

  /** Finds the invite that a call is about, on a host that the caller may touch. */
  async function findInvite(
    request: { host: string; token: string },
    context: HandlerContext,
  ): Promise<InvitesTable> {
    if (request.token === "") throw invalidField("token", "is required");
    const host = hosts.hostOf(context.values.get(callerKey), request.host);
    const invite = await inviteStore.findByToken(request.token);
    if (invite?.host === host) return invite;
    throw new DoormanError(
      ErrorReason.INVITE_NOT_FOUND,
      `${host} has no invite with this token: check it, or look in ListInvites`,
    );
  }

  return {
    async createInvite(request, context) {
      const caller = context.values.get(callerKey);
      const invite = await createInvite(dependencies, caller, request, context.signal);
      return create(CreateInviteResponseSchema, { invite: inviteMessage(invite, publicUrl) });
    },

    async getInvite(request, context) {
      const invite = await findInvite(request, context);
      return create(GetInviteResponseSchema, { invite: inviteMessage(invite, publicUrl) });
    },

    async listInvites(request, context) {
      const host = hosts.hostOf(context.values.get(callerKey), request.host);
      const pageSize = parsePageSize(request.pageSize);
      const list = `ListInvites ${host}`;
      const [createTime, id] = parsePageToken(list, request.pageToken, SORT_KEYS) ?? [];
      const after = id === undefined ? undefined : { createTime: Number(createTime), id };
      // One more than asked for tells whether there is a next page.
      const invites = await inviteStore.list(host, pageSize + 1, after);
      const page = invites.slice(0, pageSize);
      const last = page.at(-1);
      return create(ListInvitesResponseSchema, {
        invites: page.map((invite) => inviteMessage(invite, publicUrl)),
        nextPageToken:
          last && invites.length > page.length
            ? pageToken(list, [String(last.create_time), last.id])
            : "",
      });
    },

    async revokeInvite(request, context) {
      const found = await findInvite(request, context);
      if (found.issuer === "server") throw issuerUnsupported("token");
      await inviteStore.revoke(found.id, Date.now());
      const invite = await findInvite(request, context);
      if (inviteState(invite) !== InviteState.REVOKED) throw nothingToRevoke(invite);
      return create(RevokeInviteResponseSchema, { invite: inviteMessage(invite, publicUrl) });
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
