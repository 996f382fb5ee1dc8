import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Invite, InviteSchema, InviteState } from "../../gen/doorman/v1/invite_pb.js";
import type { InvitesTable } from "../database/schema.js";

/** Answers where a stored invite is in its life, at the time `now` in milliseconds. */
export function inviteState(invite: InvitesTable, now = Date.now()): InviteState {
  if (invite.revoke_time !== null) return InviteState.REVOKED;
  if (invite.uses >= invite.max_uses) return InviteState.REDEEMED;
  if (invite.expire_time !== null && invite.expire_time <= now) return InviteState.EXPIRED;
  return invite.issuer === "server" ? InviteState.UNKNOWN : InviteState.PENDING;
}

/** Answers the page to send a person to: the server's own, or Doorman's. */
export function landingPageUrl(invite: InvitesTable, publicUrl: string): string {
  return invite.landing_page_url || `${publicUrl}/invite?${invite.token}`;
}

/** Writes a stored invite as the contract's message. */
export function inviteMessage(invite: InvitesTable, publicUrl: string): Invite {
  return create(InviteSchema, {
    token: invite.token,
    host: invite.host,
    username: invite.username,
    uri: invite.uri,
    landingPageUrl: landingPageUrl(invite, publicUrl),
    state: inviteState(invite),
    uses: invite.uses,
    maxUses: invite.max_uses,
    note: invite.note,
    createTime: timestampFromMs(invite.create_time),
    ...(invite.expire_time !== null && { expireTime: timestampFromMs(invite.expire_time) }),
    keyId: invite.key_id,
  });
}
