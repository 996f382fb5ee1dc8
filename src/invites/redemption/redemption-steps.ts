import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import type { ChatServer } from "../../chat-server/chat-server.js";
import type { InvitesTable, RedemptionsTable } from "../../database/schema.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { withDeadline } from "../../waiting/with-deadline.js";
import { opensAccount } from "../purpose.js";

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
 * What became of a redemption that was cut short: it has happened; it has not; or somebody else has spent
 * the use, at the chat server.
 */
export type Outcome = "applied" | "not applied" | "spent elsewhere";

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
  async outcome(invite: InvitesTable, { state, user_jid }: RedemptionsTable): Promise<Outcome> {
    if (state === "applied") return "applied";
    // A reset that is given back can be done again by the same person, and no harm is in that.
    if (state === "claimed" || !opensAccount(invite.purpose)) return "not applied";
    const isServers = invite.issuer === "server";
    // A token that is still good was not spent: whatever account there is, somebody else has made it.
    if (isServers && (await this.#takesToken(invite))) return "not applied";
    if (await this.#exists(user_jid)) return "applied";
    return isServers ? "spent elsewhere" : "not applied";
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
