import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import type { ChatServer } from "../../chat-server/chat-server.js";
import type { InvitesTable, RedemptionsTable } from "../../database/schema.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { withDeadline } from "../../waiting/with-deadline.js";
import { opensAccount } from "../purpose.js";

/** How long two people are tried to be made contacts. */
export const CONTACTS_PATIENCE_MS = 24 * 60 * 60_000;
/** How long one step may take; nobody's leaving cuts it short. */
const STEP_MS = 10_000;

export interface RedemptionStepsDependencies {
  chatServer: ChatServer;
  /** Fills the roster of a new account from the contacts app, where its host has one. */
  refreshRoster: (userJid: string, signal: AbortSignal) => Promise<void>;
  /** Makes two users each other's contacts. */
  makeContacts: (userJid: string, inviterJid: string, signal: AbortSignal) => Promise<void>;
  /** @throws USER_PROTECTED and others when the user's password is not to be reset */
  requireResettable: (userJid: string, signal: AbortSignal) => Promise<void>;
  /** @throws USER_PROTECTED when no invite opens the account */
  requireUnprotected: (userJid: string, signal: AbortSignal) => Promise<void>;
}

/**
 * What became of a redemption that was cut short: it has happened; it has not; it has not yet, and still
 * may; nobody can tell; or somebody else has spent the use, at the chat server.
 */
export type Outcome = "applied" | "not applied" | "not applied yet" | "unknown" | "spent elsewhere";

/**
 * How long after the asking an account may still be made: for so long the connection may keep what was
 * sent, of a process that was killed. That of a process which goes on is thrown out by its next one.
 */
const MAY_STILL_BE_MADE_MS = 5 * 60_000;

/** Asks the chat server for what redeeming is made of, each within its time. */
export class RedemptionSteps {
  constructor(private readonly dependencies: RedemptionStepsDependencies) {}

  /** Makes sure that nothing stands in the way. @throws USERNAME_TAKEN, USER_PROTECTED */
  async prepare({ purpose }: InvitesTable, userJid: string): Promise<void> {
    if (purpose === "password_reset") {
      await step((signal) => this.dependencies.requireResettable(userJid, signal));
    } else if (opensAccount(purpose)) {
      await step((signal) => this.dependencies.requireUnprotected(userJid, signal));
      // Seen while nobody else is given the name: what is there later was made for this claim.
      if (await this.#exists(userJid)) throw usernameTaken(userJid);
    }
  }

  /** Makes of a claim what the invite is for, the contacts of a new account left out. */
  async apply(invite: InvitesTable, userJid: string, password: string): Promise<void> {
    const { purpose, inviter_jid, issuer, token } = invite;
    const { accounts, invites } = this.dependencies.chatServer;
    await step((signal) => {
      if (issuer === "server") return invites.redeem(token ?? "", userJid, password, signal);
      if (opensAccount(purpose)) return accounts.create(userJid, password, signal);
      if (purpose === "password_reset") return accounts.setPassword(userJid, password, signal);
      return this.dependencies.makeContacts(userJid, inviter_jid, signal);
    });
  }

  /** Finds out without the password, as far as that is possible, what became of a redemption. */
  async outcome(invite: InvitesTable, claim: RedemptionsTable): Promise<Outcome> {
    const { state, user_jid, claim_time } = claim;
    if (state === "applied" || state === "refreshed") return "applied";
    if (state === "claimed") return "not applied";
    if (invite.purpose === "password_reset") return "unknown";
    if (invite.purpose === "contact") {
      // Its user has shown the password before it was asked for: it can be made whole without that.
      return this.#contactOutcome(user_jid, invite.inviter_jid, claim_time);
    }
    const isServers = invite.issuer === "server";
    // A token that is still good was not spent: whatever account there is, somebody else has made it.
    if (isServers && (await this.#takesToken(invite))) return notApplied(claim);
    if (await this.#exists(user_jid)) return "applied";
    return isServers ? "spent elsewhere" : notApplied(claim);
  }

  async #contactOutcome(userJid: string, inviterJid: string, since: number): Promise<Outcome> {
    try {
      await this.makeContacts(userJid, inviterJid);
      return "applied";
    } catch (error) {
      const isGone = error instanceof DoormanError && error.reason === ErrorReason.USER_NOT_FOUND;
      if (isGone || since < Date.now() - CONTACTS_PATIENCE_MS) return "not applied";
      throw error;
    }
  }

  refreshRoster(userJid: string): Promise<void> {
    return step((signal) => this.dependencies.refreshRoster(userJid, signal));
  }

  makeContacts(userJid: string, inviterJid: string): Promise<void> {
    return step((signal) => this.dependencies.makeContacts(userJid, inviterJid, signal));
  }

  /** Whether a password is the account's; false also where that cannot be found out. */
  isPassword(userJid: string, password: string): Promise<boolean> {
    const { accounts } = this.dependencies.chatServer;
    return step((signal) => accounts.checkPassword(userJid, password, signal)).catch(() => false);
  }

  #takesToken({ token, host }: InvitesTable): Promise<boolean> {
    const { invites } = this.dependencies.chatServer;
    return step((signal) => invites.takes(token ?? "", host, signal));
  }

  #exists(userJid: string): Promise<boolean> {
    return step((signal) => this.dependencies.chatServer.accounts.exists(userJid, signal));
  }
}

function notApplied({ ask_time }: RedemptionsTable): Outcome {
  const age = Date.now() - (ask_time ?? 0);
  return age > MAY_STILL_BE_MADE_MS ? "not applied" : "not applied yet";
}

function step<T>(work: (deadline: AbortSignal) => Promise<T>): Promise<T> {
  return withDeadline(new AbortController().signal, STEP_MS, work);
}

export function usernameTaken(userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.USERNAME_TAKEN,
    `There is an account ${userJid} already, or somebody is about to get it: choose another name`,
    { metadata: { field: "username" } },
  );
}
