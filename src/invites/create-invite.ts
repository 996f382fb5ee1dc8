import { randomBytes, randomUUID } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import {
  type CreateInviteRequest,
  CreateInviteRequestSchema,
} from "../../gen/doorman/v1/invite_service_pb.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import { MAX_LIFETIME_MS } from "../configuration/lifetime.js";
import { sha256 } from "../crypto/digest.js";
import type { InvitesTable } from "../database/schema.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";
import { parseText } from "../fields/text.js";
import type { Hosts } from "../hosts/hosts.js";
import { parseLocalpart } from "../jid/jid.js";
import type { Caller } from "../keys/caller.js";
import type { KeyedLock } from "../waiting/keyed-lock.js";
import type { InviteRequest, InviteStore } from "./invite-store.js";

const MAX_USES = 1_000_000;
const MIN_LIFETIME_MS = 1_000;

export interface InviteDependencies {
  hosts: Hosts;
  chatServer: ChatServer;
  inviteStore: InviteStore;
  /** By key and request id, so that a chat server issues one invite for several calls at once. */
  requestLock: KeyedLock;
  /** Who issues invites: the chat server, or Doorman itself. */
  issuer: "server" | "doorman";
  /** The lifetime of Doorman's own invites where the request gives none, in milliseconds. */
  defaultLifetimeMs: number;
  /** Where Doorman's pages are, without a final slash. */
  publicUrl: string;
}

/** Creates an invite and stores it, for the RPC and for the documented /invites_api alike. */
export async function createInvite(
  dependencies: InviteDependencies,
  caller: Caller,
  message: CreateInviteRequest,
  signal: AbortSignal,
): Promise<InvitesTable> {
  const { hosts, inviteStore, requestLock } = dependencies;
  const wanted = parseRequest(message, hosts.hostOf(caller, message.host));
  const request = parseRequestId(message, wanted.host);
  if (!request) return issue(dependencies, caller, message, wanted, undefined, signal);
  const key = `${caller.keyId} ${request.requestId}`;
  return requestLock.run(key, "issue an invite", signal, async () => {
    const first = await findFirst(inviteStore, caller, request);
    return first ?? issue(dependencies, caller, message, wanted, request, signal);
  });
}

async function issue(
  { chatServer, inviteStore, issuer, defaultLifetimeMs }: InviteDependencies,
  caller: Caller,
  message: CreateInviteRequest,
  wanted: WantedInvite,
  request: InviteRequest | undefined,
  signal: AbortSignal,
): Promise<InvitesTable> {
  const now = Date.now();
  const expireTime = parseExpireTime(message, now);
  if (issuer === "server") refuseWhatServersCannot(message);
  const invite = {
    id: randomUUID(),
    host: wanted.host,
    note: wanted.note,
    uses: 0,
    create_time: now,
    revoke_time: null,
    key_id: caller.keyId,
    ...(issuer === "server"
      ? await issueByServer(chatServer, wanted.host, signal)
      : issueOwn(wanted, expireTime ?? now + defaultLifetimeMs)),
  };
  if (await inviteStore.add(invite, request)) return invite;
  // The same request came to another process at the same time, and that one was first.
  const first = request && (await findFirst(inviteStore, caller, request));
  if (!first) throw new Error("an invite was stored for the request and is not there");
  return first;
}

interface WantedInvite {
  host: string;
  username: string;
  maxUses: number;
  note: string;
}

function parseRequest(request: CreateInviteRequest, host: string): WantedInvite {
  const username = request.username && parseLocalpart(request.username, "username");
  const { maxUses } = request;
  if (maxUses < 0 || maxUses > MAX_USES) {
    throw invalidField("max_uses", `must be from 1 to ${MAX_USES}; leave it out for once`);
  }
  if (username !== "" && maxUses > 1) {
    throw invalidField("max_uses", "an invite with a preset username can be redeemed only once");
  }
  return { host, username, maxUses: maxUses || 1, note: parseText(request.note, "note") };
}

/** Reads the wanted end, in milliseconds; undefined when the request leaves it open. */
function parseExpireTime({ expiration }: CreateInviteRequest, now: number): number | undefined {
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

function parseRequestId(message: CreateInviteRequest, host: string): InviteRequest | undefined {
  const { requestId } = message;
  if (requestId === "") return undefined;
  if (!/^[\x21-\x7e]{1,128}$/.test(requestId)) {
    throw invalidField("request_id", "must be 1 to 128 printable ASCII characters without spaces");
  }
  const meant = create(CreateInviteRequestSchema, { ...message, host });
  const bytes = toBinary(CreateInviteRequestSchema, meant, { writeUnknownFields: false });
  return { requestId, requestSha256: sha256(Buffer.from(bytes).toString("base64")) };
}

async function findFirst(
  inviteStore: InviteStore,
  caller: Caller,
  { requestId, requestSha256 }: InviteRequest,
): Promise<InvitesTable | undefined> {
  const first = await inviteStore.findByRequest(caller.keyId, requestId);
  if (first && first.request_sha256 !== requestSha256) {
    throw new DoormanError(
      ErrorReason.REQUEST_ID_REUSED,
      "request_id: was used before for a different request; choose a new one for each invite",
      { metadata: { field: "request_id" } },
    );
  }
  return first;
}

/** Never ignored: whoever presets a name and gets an invite for any name has been let down. */
function refuseWhatServersCannot(request: CreateInviteRequest): void {
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

async function issueByServer(chatServer: ChatServer, host: string, signal: AbortSignal) {
  const invite = await chatServer.invites.createAccountInvite(host, signal);
  return {
    token: invite.token,
    issuer: "server" as const,
    username: "",
    uri: invite.uri,
    landing_page_url: invite.landingPageUrl ?? "",
    max_uses: 1,
    expire_time: invite.expireTime?.getTime() ?? null,
  };
}

function issueOwn({ host, username, maxUses }: WantedInvite, expireTime: number) {
  // As mod_invites makes them: 18 random bytes are 24 characters.
  const token = randomBytes(18).toString("base64url");
  const address = username === "" ? host : `${username}@${host}`;
  return {
    token,
    issuer: "doorman" as const,
    username,
    uri: `xmpp:${address}?register;preauth=${token}`,
    landing_page_url: "",
    max_uses: maxUses,
    expire_time: expireTime,
  };
}
