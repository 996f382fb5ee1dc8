import { setTimeout as sleep } from "node:timers/promises";
import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import type { GuessablePasswords } from "../../accounts/guessable-passwords.js";
import { parseNewPassword, preparePassword } from "../../accounts/password.js";
import type { ProtectedUsers } from "../../accounts/protected-users.js";
import type { UsernameRules } from "../../accounts/username.js";
import type { ChatServer } from "../../chat-server/chat-server.js";
import { isDigestOf } from "../../crypto/password-digest.js";
import type { InvitesTable, RedemptionsTable } from "../../database/schema.js";
import { DoormanError, invalidField } from "../../errors/doorman-error.js";
import { parseLocalpart } from "../../jid/jid.js";
import type { KeyedLock } from "../../waiting/keyed-lock.js";
import { withDeadline } from "../../waiting/with-deadline.js";
import { requireState } from "../invite.js";
import type { InviteStore } from "../invite-store.js";
import { opensAccount } from "../purpose.js";
import type { Redeemed } from "./redemption-completion.js";
import { usernameTaken } from "./redemption-steps.js";
import { LEASE_MS, type RedemptionStore } from "./redemption-store.js";
import type { RedemptionWork } from "./redemption-work.js";

/** How long a repeated call is known for the one whose answer was lost. */
const REPEATABLE_MS = 60 * 60_000;
const POLL_MS = 200;
/** The longest that a call waits for what an earlier one has begun. */
const WAIT_MS = 30_000;

export interface RedeemDependencies {
  chatServer: ChatServer;
  inviteStore: InviteStore;
  redemptionStore: RedemptionStore;
  usernameRules: UsernameRules;
  protectedUsers: ProtectedUsers;
  guessablePasswords: GuessablePasswords;
  /** By user: one for everything that redeems. */
  redemptionLock: KeyedLock;
  redemptionWork: RedemptionWork;
}

/**
 * Redeems an invite, for the RPC and for the pages alike. A use is claimed in the store first, then the
 * chat server is asked, and then the use is marked as spent: whatever breaks in between, the same call
 * again or repair-redemptions.ts goes on from there.
 * @param invite as it was found by its token
 * @throws INVALID_FIELD, INVITE_EXPIRED, INVITE_REDEEMED, INVITE_REVOKED, USERNAME_TAKEN, USER_PROTECTED,
 * TOO_MANY_CALLS
 */
export async function redeemInvite(
  dependencies: RedeemDependencies,
  invite: InvitesTable,
  wanted: { username: string; password: string },
  signal: AbortSignal,
): Promise<Redeemed> {
  const username = readUsername(dependencies.usernameRules, invite, wanted.username);
  const password =
    invite.purpose === "contact"
      ? preparePassword(wanted.password, "password")
      : parseNewPassword(wanted.password, "password");
  const userJid = `${username}@${invite.host}`;
  if (userJid === invite.inviter_jid) {
    throw invalidField("username", "is the inviter's own: nobody is a contact of oneself");
  }
  const task = `redeem an invite for ${userJid}`;
  return withDeadline(signal, WAIT_MS, (deadline) =>
    dependencies.redemptionLock.run(userJid, task, deadline, () =>
      redeemInTurn(dependencies, invite, { userJid, password, task }, deadline),
    ),
  );
}

/**
 * Makes sure that an invite which opens an account would open one with this name.
 * @returns the name, normalised
 * @throws INVALID_FIELD, USERNAME_TAKEN, USER_PROTECTED
 */
export async function requireFreeUsername(
  { chatServer, usernameRules, protectedUsers }: RedeemDependencies,
  invite: InvitesTable,
  text: string,
  signal: AbortSignal,
): Promise<string> {
  const username = readUsername(usernameRules, invite, text);
  const userJid = `${username}@${invite.host}`;
  await protectedUsers.requireUnprotected(userJid, signal);
  if (await chatServer.accounts.exists(userJid, signal)) throw usernameTaken(userJid);
  return username;
}

interface Wanted {
  userJid: string;
  password: string;
  task: string;
}

async function redeemInTurn(
  dependencies: RedeemDependencies,
  invite: InvitesTable,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Redeemed> {
  const { redemptionStore, redemptionWork } = dependencies;
  const { userJid, password, task } = wanted;
  // At most one turn per pause, whatever is found: nothing in here waits otherwise.
  for (let isTaken = false; ; await pause(task, signal)) {
    const now = Date.now();
    const earlier = await redemptionStore.find(invite.id, userJid);
    const isOver = earlier?.state === "done" && (earlier.redeem_time ?? 0) < now - REPEATABLE_MS;
    if (earlier?.redeem_time && !isOver) {
      return answerAgain(dependencies, invite, earlier, wanted, signal);
    }
    if (earlier && earlier.state !== "done") {
      await requireSameReset(invite, earlier, password);
      const taken = await redemptionStore.takeOver(earlier, now, LEASE_MS);
      if (taken) return redemptionWork.resume(invite, taken, password);
      // Another process is at it, or was until a moment ago.
      isTaken = false;
      continue;
    }
    // The name is being given to another invite's redeemer, and not by an earlier call of this one.
    if (isTaken && opensAccount(invite.purpose)) throw usernameTaken(userJid);
    await requireOpen(dependencies, invite);
    if (invite.purpose === "contact") await requirePassword(dependencies, wanted, signal);
    const claim = await redemptionStore.claim(invite, userJid, now, LEASE_MS);
    if (typeof claim === "object") return redemptionWork.begin(invite, claim, password);
    isTaken = claim === "taken";
  }
}

/** Answers the call that repeats one which has succeeded: who repeats it knows the password. */
async function answerAgain(
  { guessablePasswords, redemptionWork }: RedeemDependencies,
  invite: InvitesTable,
  earlier: RedemptionsTable,
  { userJid, password }: Wanted,
  signal: AbortSignal,
): Promise<Redeemed> {
  try {
    if (await guessablePasswords.check(userJid, password, signal)) {
      const isPending = earlier.state !== "done" && invite.purpose === "account_and_contact";
      return { userJid, contactPending: isPending };
    }
  } catch (error) {
    // Many who want one name guess at no password: they are told that it is taken, as the first were.
    if (!opensAccount(invite.purpose) || !isTooMany(error)) throw error;
  }
  // One whose end nobody knows was counted as spent, and only its own user goes on with it.
  if (await isDigestOf(password, earlier.password_digest)) {
    return redemptionWork.repeatReset(invite, earlier, password);
  }
  requireState(invite);
  if (opensAccount(invite.purpose)) throw usernameTaken(userJid);
  throw wrongPassword(userJid);
}

/**
 * Makes sure that a reset which may have happened is gone on with by its own user alone.
 * @throws INVITE_REDEEMED, INVITE_REVOKED
 */
async function requireSameReset(
  invite: InvitesTable,
  { state, password_digest }: RedemptionsTable,
  password: string,
): Promise<void> {
  if (invite.purpose !== "password_reset" || state !== "asked") return;
  if (await isDigestOf(password, password_digest)) return;
  requireState({ ...invite, uses: invite.max_uses });
}

async function requireOpen({ inviteStore }: RedeemDependencies, invite: InvitesTable) {
  const current = await inviteStore.findById(invite.id);
  if (current === undefined || current.token_sha256 !== invite.token_sha256) {
    throw new DoormanError(
      ErrorReason.INVITE_NOT_FOUND,
      "The invite has another token now: ask for the new link",
    );
  }
  requireState(current);
}

async function requirePassword(
  { protectedUsers, guessablePasswords }: RedeemDependencies,
  { userJid, password }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  await protectedUsers.requireUnprotected(userJid, signal);
  if (await guessablePasswords.check(userJid, password, signal)) return;
  throw wrongPassword(userJid);
}

function isTooMany(error: unknown): boolean {
  return error instanceof DoormanError && error.reason === ErrorReason.TOO_MANY_CALLS;
}

function wrongPassword(userJid: string): DoormanError {
  return invalidField("password", `there is no account ${userJid} with this password`);
}

function readUsername(rules: UsernameRules, invite: InvitesTable, text: string): string {
  if (text === "" && invite.username === "") throw invalidField("username", "is required");
  const username = text === "" ? invite.username : parseLocalpart(text, "username");
  if (invite.username !== "" && username !== invite.username) {
    throw invalidField("username", `must be "${invite.username}", which the invite presets`);
  }
  return opensAccount(invite.purpose) ? rules.parse(username, "username") : username;
}

async function pause(task: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    throw new DoormanError(
      ErrorReason.SERVER_NO_ANSWER,
      `An earlier call to ${task} was still under way when this one's time was over: it may or may not succeed; repeat the call`,
    );
  }
  await sleep(POLL_MS);
}
