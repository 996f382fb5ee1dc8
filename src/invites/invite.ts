import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import {
  type Invite,
  InviteSchema,
  InviteState,
  type Redemption,
  RedemptionSchema,
} from "../../gen/doorman/v1/invite_pb.js";
import type { InvitesTable } from "../database/schema.js";
import { DoormanError } from "../errors/doorman-error.js";
import { purposeMessage } from "./purpose.js";
import type { Redeemer } from "./redemption/redeemer-store.js";

/** Answers where a stored invite is in its life, at the time `now` in milliseconds. */
export function inviteState(invite: InvitesTable, now = Date.now()): InviteState {
  if (invite.revoke_time !== null) return InviteState.REVOKED;
  if (invite.uses >= invite.max_uses) return InviteState.REDEEMED;
  if (invite.expire_time !== null && invite.expire_time <= now) return InviteState.EXPIRED;
  return invite.issuer === "server" ? InviteState.UNKNOWN : InviteState.PENDING;
}

/**
 * Makes sure that an invite can be redeemed, as far as Doorman knows.
 * @throws INVITE_REVOKED, INVITE_REDEEMED, INVITE_EXPIRED
 */
export function requireState(invite: InvitesTable): void {
  const state = inviteState(invite);
  if (state === InviteState.REVOKED) {
    throw new DoormanError(
      ErrorReason.INVITE_REVOKED,
      "The invite has been taken back: ask for a new one",
    );
  }
  if (state === InviteState.REDEEMED) {
    throw new DoormanError(
      ErrorReason.INVITE_REDEEMED,
      "The invite has been redeemed as often as it may be: ask for a new one",
    );
  }
  if (state === InviteState.EXPIRED) {
    throw new DoormanError(
      ErrorReason.INVITE_EXPIRED,
      "The invite's time is over: ask for a new one",
    );
  }
}

/**
 * Answers the page to send a person to: the server's own, or Doorman's.
 * @param token null where it is not to be told; the page is then empty
 */
export function landingPageUrl(
  { landing_page_url: own }: InvitesTable,
  token: string | null,
  publicUrl: string,
): string {
  if (own !== "") return own;
  return token === null ? "" : `${publicUrl}/invite?${token}`;
}

/**
 * Returns the xmpp: URI that an app can open. A chat server refuses tokens that it did not issue, so an
 * invite of Doorman's own has none; the sandbox has no apps and shows the documented URI.
 */
function appUri({ issuer, uri }: InvitesTable, isSandbox: boolean): string {
  return issuer === "server" || isSandbox ? uri : "";
}

/**
 * Returns a stored invite as the contract's message.
 * @param redeemers who redeemed it, the latest first
 * @param token what the caller may know of its token: what is stored, unless it was made just now
 */
export function inviteMessage(
  invite: InvitesTable,
  redeemers: readonly Redeemer[],
  { publicUrl, isSandbox }: { publicUrl: string; isSandbox: boolean },
  token = invite.token,
): Invite {
  return create(InviteSchema, {
    token: token ?? "",
    host: invite.host,
    username: invite.username,
    uri: appUri(invite, isSandbox),
    landingPageUrl: landingPageUrl(invite, token, publicUrl),
    state: inviteState(invite),
    uses: invite.uses,
    maxUses: invite.max_uses,
    note: invite.note,
    createTime: timestampFromMs(invite.create_time),
    ...(invite.expire_time !== null && { expireTime: timestampFromMs(invite.expire_time) }),
    keyId: invite.key_id,
    id: invite.id,
    purpose: purposeMessage(invite.purpose),
    inviterJid: invite.inviter_jid,
    redeemedBy: redeemers.map(redemptionMessage),
  });
}

/** Writes who redeemed an invite as the contract's message. */
export function redemptionMessage({ user_jid, redeem_time }: Redeemer): Redemption {
  return create(RedemptionSchema, {
    userJid: user_jid,
    redeemTime: timestampFromMs(redeem_time),
  });
}
