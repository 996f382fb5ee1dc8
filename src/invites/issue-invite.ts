import { randomUUID } from "node:crypto";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { CreateInviteRequest } from "../../gen/doorman/v1/invite_service_pb.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import { sha256 } from "../crypto/digest.js";
import type { InvitesTable } from "../database/schema.js";
import { DoormanError } from "../errors/doorman-error.js";
import type { WantedInvite } from "./invite-fields.js";
import { newToken, tokenColumns } from "./invite-token.js";

/** Is the longest default lifetime of a password reset, in milliseconds. */
const RESET_LIFETIME_MS = 24 * 60 * 60_000;

/** Is an invite with its token, which is not in what is stored of a password reset. */
export interface IssuedInvite {
  invite: InvitesTable;
  /** Null when it is not to be told again. */
  token: string | null;
}

/** Makes an invite of Doorman's own, which is not stored yet. */
export function issueOwn(
  wanted: WantedInvite,
  { keyId, now, defaultLifetimeMs }: { keyId: string; now: number; defaultLifetimeMs: number },
): IssuedInvite & { token: string } {
  const token = newToken();
  const lifetimeMs =
    wanted.purpose === "password_reset"
      ? Math.min(defaultLifetimeMs, RESET_LIFETIME_MS)
      : defaultLifetimeMs;
  const named = {
    host: wanted.host,
    purpose: wanted.purpose,
    username: wanted.username,
    inviter_jid: wanted.inviterJid,
  };
  return {
    token,
    invite: {
      id: randomUUID(),
      ...named,
      ...tokenColumns(token, named),
      issuer: "doorman",
      landing_page_url: "",
      uses: 0,
      max_uses: wanted.maxUses,
      note: wanted.note,
      create_time: now,
      expire_time: wanted.expireTime ?? now + lifetimeMs,
      revoke_time: null,
      key_id: keyId,
      bulk_id: null,
    },
  };
}

/** Lets the chat server issue an account invite. @throws as createAccountInvite does */
export async function issueByServer(
  chatServer: ChatServer,
  { host, purpose, inviterJid, note }: WantedInvite,
  { keyId, now }: { keyId: string; now: number },
  signal: AbortSignal,
): Promise<IssuedInvite> {
  const issued = await chatServer.invites.createAccountInvite(host, signal);
  return {
    token: issued.token,
    invite: {
      id: randomUUID(),
      token: issued.token,
      token_sha256: sha256(issued.token),
      host,
      issuer: "server",
      purpose,
      username: "",
      inviter_jid: inviterJid,
      uri: issued.uri,
      landing_page_url: issued.landingPageUrl ?? "",
      uses: 0,
      max_uses: 1,
      note,
      create_time: now,
      expire_time: issued.expireTime?.getTime() ?? null,
      revoke_time: null,
      key_id: keyId,
      bulk_id: null,
    },
  };
}

/** Never ignored: whoever presets a name and gets an invite for any name has been let down. */
export function refuseWhatServersCannot(request: CreateInviteRequest): void {
  const field = [
    request.username !== "" && "username",
    request.expiration.case !== undefined &&
      (request.expiration.case === "ttl" ? "ttl" : "expire_time"),
    request.maxUses > 1 && "max_uses",
  ].find((name) => name !== false);
  if (field !== undefined) throw issuerUnsupported(field);
}

/** Makes the error for what the chat server cannot do with its own invites. */
export function issuerUnsupported(field: string): DoormanError {
  return new DoormanError(
    ErrorReason.ISSUER_UNSUPPORTED,
    `${field}: the chat server issues the invites and cannot do this; leave it out, or set invites.issuer to doorman in the configuration`,
    { metadata: { field } },
  );
}
