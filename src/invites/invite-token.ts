import { randomBytes } from "node:crypto";
import { sha256 } from "../crypto/digest.js";
import type { InvitesTable } from "../database/schema.js";
import type { Purpose } from "./purpose.js";

/** More than the token of any server has. */
export const MAX_TOKEN_CHARACTERS = 256;

/** Makes the token of an invite of Doorman's own, as mod_invites does: 18 random bytes are 24 characters. */
export function newToken(): string {
  return randomBytes(18).toString("base64url");
}

/** Answers what is stored of a token of Doorman's own: of a password reset's only the digest. */
export function tokenColumns(
  token: string,
  invite: Pick<InvitesTable, "host" | "purpose" | "username" | "inviter_jid">,
): Pick<InvitesTable, "token" | "token_sha256" | "uri"> {
  const isReset = invite.purpose === "password_reset";
  return {
    token: isReset ? null : token,
    token_sha256: sha256(token),
    uri: isReset ? "" : uriOf(token, invite),
  };
}

/** XEP-0379 section 3 and XEP-0445 section 2.2, as mod_invites writes them. */
function uriOf(
  token: string,
  invite: Pick<InvitesTable, "host" | "username" | "inviter_jid"> & { purpose: Purpose },
): string {
  const { purpose, host, username, inviter_jid } = invite;
  if (purpose === "contact") return `xmpp:${uriJid(inviter_jid)}?roster;preauth=${token}`;
  if (purpose === "account_and_contact") {
    return `xmpp:${uriJid(inviter_jid)}?roster;preauth=${token};ibr=y`;
  }
  return `xmpp:${uriJid(username === "" ? host : `${username}@${host}`)}?register;preauth=${token}`;
}

/** RFC 5122 section 2.2: a JID in a URI has what a URI cannot hold percent-encoded. */
function uriJid(jid: string): string {
  return encodeURI(jid).replace(/[?#]/g, encodeURIComponent);
}
