import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import {
  type CreateInviteRequest,
  CreateInviteRequestSchema,
} from "../../gen/doorman/v1/invite_service_pb.js";
import type { ProtectedUsers } from "../accounts/protected-users.js";
import type { UsernameRules } from "../accounts/username.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import { DoormanError } from "../errors/doorman-error.js";
import type { Hosts } from "../hosts/hosts.js";
import { type Caller, requireNamedGrant } from "../keys/caller.js";
import { RESET_PASSWORD_GRANT } from "../keys/grants.js";
import { afterChange } from "../waiting/after-change.js";
import type { KeyedLock } from "../waiting/keyed-lock.js";
import { readInvite, readRequestId, type WantedInvite } from "./invite-fields.js";
import type { InviteRequest, InviteStore, RequestedInvite } from "./invite-store.js";
import {
  type IssuedInvite,
  issueByServer,
  issueOwn,
  refuseWhatServersCannot,
} from "./issue-invite.js";
import { opensAccount } from "./purpose.js";
import { usernameTaken } from "./redemption/redemption-steps.js";

export interface InviteDependencies {
  hosts: Hosts;
  chatServer: ChatServer;
  inviteStore: InviteStore;
  /** By key and request id, so that a chat server issues one invite for several calls at once. */
  requestLock: KeyedLock;
  /** Who issues invites for single accounts: the chat server, or Doorman itself as all others. */
  issuer: "server" | "doorman";
  /** The lifetime of Doorman's own invites where the request gives none, in milliseconds. */
  defaultLifetimeMs: number;
  /** Where Doorman's pages are, without a final slash. */
  publicUrl: string;
  usernameRules: UsernameRules;
  protectedUsers: ProtectedUsers;
}

/** Creates an invite and stores it, for the RPC and for the documented /invites_api alike. */
export async function createInvite(
  dependencies: InviteDependencies,
  caller: Caller,
  message: CreateInviteRequest,
  signal: AbortSignal,
): Promise<IssuedInvite> {
  const { hosts, inviteStore, requestLock, usernameRules } = dependencies;
  const now = Date.now();
  const host = hosts.hostOf(caller, message.host);
  const wanted = readInvite(message, host, usernameRules, now);
  if (wanted.purpose === "password_reset") requireNamedGrant(caller, RESET_PASSWORD_GRANT);
  const request = readRequestId(CreateInviteRequestSchema, { ...message, host });
  const issue = () => issueAndStore(dependencies, caller, message, wanted, request, now, signal);
  if (!request) return issue();
  const key = `${caller.keyId} ${request.requestId}`;
  return requestLock.run(key, "issue an invite", signal, async () => {
    const first = await findFirst(inviteStore, caller, request);
    return first ? { invite: first, token: first.token } : issue();
  });
}

async function issueAndStore(
  dependencies: InviteDependencies,
  caller: Caller,
  message: CreateInviteRequest,
  wanted: WantedInvite,
  request: InviteRequest | undefined,
  now: number,
  signal: AbortSignal,
): Promise<IssuedInvite> {
  const { chatServer, inviteStore, defaultLifetimeMs } = dependencies;
  const { keyId } = caller;
  const isServers = isIssuedByServer(dependencies, wanted);
  if (isServers) refuseWhatServersCannot(message);
  await requireUsers(dependencies, wanted, signal);
  const issued = isServers
    ? await issueByServer(chatServer, wanted, { keyId, now }, signal)
    : issueOwn(wanted, { keyId, now, defaultLifetimeMs });
  const add = () => inviteStore.add([issued.invite], request);
  if (await (isServers ? afterChange("issue an invite", add) : add())) return issued;
  // The same request came to another process at the same time, and that one was first.
  const first = request && (await findFirst(inviteStore, caller, request));
  if (!first) throw new Error("an invite was stored for the request and is not there");
  return { invite: first, token: first.token };
}

/** A chat server can only invite somebody to open an account. */
export function isIssuedByServer(
  { issuer }: InviteDependencies,
  { purpose }: WantedInvite,
): boolean {
  return issuer === "server" && purpose === "account";
}

/**
 * Makes sure that the accounts an invite is about are there, and that the one it opens is not.
 * @throws USER_NOT_FOUND, USER_PROTECTED, USERNAME_TAKEN
 */
export async function requireUsers(
  { chatServer, protectedUsers }: InviteDependencies,
  { purpose, host, username, inviterJid }: WantedInvite,
  signal: AbortSignal,
): Promise<void> {
  if (purpose === "password_reset") {
    await protectedUsers.requireResettable(`${username}@${host}`, signal);
  } else if (username !== "") {
    await protectedUsers.requireUnprotected(`${username}@${host}`, signal);
  }
  if (opensAccount(purpose) && username !== "") {
    const userJid = `${username}@${host}`;
    if (await chatServer.accounts.exists(userJid, signal)) throw usernameTaken(userJid);
  }
  if (inviterJid === "" || (await chatServer.accounts.exists(inviterJid, signal))) return;
  throw new DoormanError(
    ErrorReason.USER_NOT_FOUND,
    `inviter_jid: there is no account ${inviterJid}`,
    { metadata: { field: "inviter_jid" } },
  );
}

/** @throws REQUEST_ID_REUSED */
export async function findFirst(
  inviteStore: InviteStore,
  caller: Caller,
  { requestId, requestSha256 }: InviteRequest,
): Promise<RequestedInvite | undefined> {
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
