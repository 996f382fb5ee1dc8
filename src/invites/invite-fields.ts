import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { CreateInviteRequest } from "../../gen/doorman/v1/invite_service_pb.js";
import type { UsernameRules } from "../accounts/username.js";
import { MAX_LIFETIME_MS } from "../configuration/lifetime.js";
import { sha256 } from "../crypto/digest.js";
import { invalidField } from "../errors/doorman-error.js";
import { parseText } from "../fields/text.js";
import { parseBareJid, parseLocalpart } from "../jid/jid.js";
import type { InviteRequest } from "./invite-store.js";
import { makesContacts, opensAccount, type Purpose, parsePurpose } from "./purpose.js";

const MAX_USES = 1_000_000;
const MIN_LIFETIME_MS = 1_000;

/** Is what a request asks for, read and checked by itself. */
export interface WantedInvite {
  host: string;
  purpose: Purpose;
  /** Empty unless preset. */
  username: string;
  /** Bare; empty for none, which purposes that make contacts do not have. */
  inviterJid: string;
  maxUses: number;
  note: string;
  /** Milliseconds since 1970-01-01 UTC; undefined when the request leaves it open. */
  expireTime: number | undefined;
}

/** @throws INVALID_FIELD */
export function readInvite(
  request: CreateInviteRequest,
  host: string,
  usernameRules: UsernameRules,
  now: number,
): WantedInvite {
  const purpose = parsePurpose(request.purpose);
  const username = readUsername(request, purpose, usernameRules);
  return {
    host,
    purpose,
    username,
    inviterJid: readInviter(request, purpose, `${username}@${host}`),
    maxUses: readMaxUses(request, purpose, username),
    note: parseText(request.note, "note"),
    expireTime: readExpireTime(request, now),
  };
}

function readUsername(
  { username }: CreateInviteRequest,
  purpose: Purpose,
  rules: UsernameRules,
): string {
  if (username === "") {
    if (purpose !== "password_reset") return "";
    throw invalidField("username", "is required: whose password is to be reset");
  }
  if (purpose === "group") throw invalidField("username", "a group invite presets no username");
  return opensAccount(purpose)
    ? rules.parse(username, "username")
    : parseLocalpart(username, "username");
}

/** @param userJid whose invite it is; with an empty name when it presets none */
function readInviter(
  { inviterJid }: CreateInviteRequest,
  purpose: Purpose,
  userJid: string,
): string {
  // Others only tell whom they are from.
  if (inviterJid === "" && !makesContacts(purpose)) return "";
  const inviter = parseBareJid(inviterJid, "inviter_jid");
  if (inviter.bare === userJid) throw invalidField("inviter_jid", "is the invited account's own");
  const host = userJid.slice(userJid.indexOf("@") + 1);
  if (inviter.domain !== host) throw invalidField("inviter_jid", `must be an account of ${host}`);
  return inviter.bare;
}

function readMaxUses({ maxUses }: CreateInviteRequest, purpose: Purpose, username: string) {
  if (maxUses < 0 || maxUses > MAX_USES) {
    throw invalidField("max_uses", `must be from 1 to ${MAX_USES}; leave it out for once`);
  }
  if (username !== "" && maxUses > 1) {
    throw invalidField("max_uses", "an invite with a preset username can be redeemed only once");
  }
  return maxUses || (purpose === "group" ? MAX_USES : 1);
}

function readExpireTime({ expiration }: CreateInviteRequest, now: number): number | undefined {
  if (expiration.case === undefined) return undefined;
  const field = expiration.case === "ttl" ? "ttl" : "expire_time";
  // A binary message can hold what ProtoJSON cannot say.
  const { nanos } = expiration.value;
  if (nanos < 0 || nanos >= 1e9) throw invalidField(field, "has nanoseconds out of range");
  const expireTime =
    expiration.case === "ttl"
      ? now + Math.floor(durationMs(expiration.value))
      : Math.floor(timestampMs(expiration.value));
  const lifetimeMs = expireTime - now;
  if (lifetimeMs >= MIN_LIFETIME_MS && lifetimeMs <= MAX_LIFETIME_MS) return expireTime;
  throw invalidField(field, "must be from 1 second to 3650 days from now");
}

/**
 * Reads a request's id; undefined when it has none.
 * @param meant the request with what it leaves open filled in, so that two spellings of one are one
 * @throws INVALID_FIELD
 */
export function readRequestId<T extends DescMessage>(
  schema: T,
  meant: MessageInitShape<T> & { requestId: string },
): InviteRequest | undefined {
  const { requestId } = meant;
  if (requestId === "") return undefined;
  if (!/^[\x21-\x7e]{1,128}$/.test(requestId)) {
    throw invalidField("request_id", "must be 1 to 128 printable ASCII characters without spaces");
  }
  const bytes = toBinary(schema, create(schema, meant), { writeUnknownFields: false });
  return { requestId, requestSha256: sha256(Buffer.from(bytes).toString("base64")) };
}
