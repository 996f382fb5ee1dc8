import type { Logger } from "pino";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import type { InvitesTable, RedemptionsTable } from "../database/schema.js";
import { DoormanError } from "../errors/doorman-error.js";
import { NotBegun } from "../waiting/not-begun.js";
import { withDeadline } from "../waiting/with-deadline.js";
import { opensAccount } from "./purpose.js";
import type { RedemptionStore } from "./redemption-store.js";

/** How long one step may take; nobody's leaving cuts it short. */
const STEP_MS = 10_000;
/** How long a redemption is its worker's alone: longer than any step. */
export const LEASE_MS = 15_000;
/** After an answer that did not come: what was asked has happened by then, or does not happen. */
const SETTLE_MS = 2_000;
/** Until the contacts are tried again. */
const CONTACTS_RETRY_MS = 30_000;
/** How long contacts are tried at all. */
const CONTACTS_PATIENCE_MS = 24 * 60 * 60_000;

/** Is what redeeming led to. */
export interface Redeemed {
  /** Bare. */
  userJid: string;
  /** Whether the user and the inviter are still to become contacts. */
  contactPending: boolean;
}

export interface RedemptionWorkDependencies {
  chatServer: ChatServer;
  redemptionStore: RedemptionStore;
  /** Fills the roster of a new account from the contacts app, where its host has one. */
  refreshRoster: (userJid: string, signal: AbortSignal) => Promise<void>;
  /** Makes two users each other's contacts. */
  makeContacts: (userJid: string, inviterJid: string, signal: AbortSignal) => Promise<void>;
  /** @throws USER_PROTECTED and others when the user's password is not to be reset */
  requireResettable: (userJid: string, signal: AbortSignal) => Promise<void>;
  log: Logger;
}

/** Carries redemptions out, step by step; after each the store knows how far it has come. */
export class RedemptionWork {
  readonly #underWay: Set<Promise<unknown>> = new Set();

  constructor(private readonly dependencies: RedemptionWorkDependencies) {}

  /** Carries out what was claimed just now. A failure gives the use back, unless it may have happened. */
  begin(invite: InvitesTable, claim: RedemptionsTable, password: string): Promise<Redeemed> {
    return this.#track(this.#begin(invite, claim, password));
  }

  /** Goes on with what an earlier call has begun, whose caller is back with the password. */
  resume(invite: InvitesTable, claim: RedemptionsTable, password: string): Promise<Redeemed> {
    return this.#track(this.#resume(invite, claim, password));
  }

  /** Goes on with what was abandoned, as far as that is possible without the password. */
  repair(invite: InvitesTable, claim: RedemptionsTable): Promise<void> {
    return this.#track(this.#repair(invite, claim));
  }

  /** Returns when nothing is under way any more. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async #begin(invite: InvitesTable, claim: RedemptionsTable, password: string): Promise<Redeemed> {
    let isAsked = false;
    try {
      await this.#prepare(invite, claim.user_jid);
      await this.#advance(claim, "asked");
      isAsked = true;
      await this.#apply(invite, claim.user_jid, password);
    } catch (error) {
      if (isAsked && mayHaveHappened(error)) await this.#leave(claim, SETTLE_MS);
      else await this.dependencies.redemptionStore.giveBack(claim);
      throw error;
    }
    return this.#finish(invite, claim);
  }

  async #resume(
    invite: InvitesTable,
    claim: RedemptionsTable,
    password: string,
  ): Promise<Redeemed> {
    if (claim.state === "claimed") return this.#begin(invite, claim, password);
    try {
      await this.#advance(claim, "asked");
      await this.#apply(invite, claim.user_jid, password);
    } catch (error) {
      const isTaken = error instanceof DoormanError && error.reason === ErrorReason.USERNAME_TAKEN;
      const isOurs = isTaken && (await this.#isPassword(claim.user_jid, password));
      if (!isOurs) {
        // Whether the first attempt has made it is not said by what the second one met.
        await this.#leave(claim, SETTLE_MS);
        throw error;
      }
    }
    return this.#finish(invite, claim);
  }

  async #repair(invite: InvitesTable, claim: RedemptionsTable): Promise<void> {
    const { redemptionStore, log } = this.dependencies;
    const { user_jid, state } = claim;
    try {
      const isThere =
        state === "applied" ||
        (state === "asked" && opensAccount(invite.purpose) && (await this.#exists(user_jid)));
      // A reset that is given back can be done again by the same person, and no harm is in that.
      if (isThere) await this.#finish(invite, claim);
      else await redemptionStore.giveBack(claim);
      log.info(
        { invite: invite.id, user: user_jid, isThere },
        "an unfinished redemption was repaired",
      );
    } catch (error) {
      await this.#leave(claim, SETTLE_MS);
      if (!(error instanceof DoormanError)) throw error;
      log.debug(
        { invite: invite.id, reason: error.message },
        "a redemption cannot be repaired yet",
      );
    }
  }

  async #prepare({ purpose }: InvitesTable, userJid: string): Promise<void> {
    if (purpose === "password_reset") {
      await step((signal) => this.dependencies.requireResettable(userJid, signal));
    } else if (opensAccount(purpose) && (await this.#exists(userJid))) {
      // Seen while nobody else is given the name: what is there later was made for this claim.
      throw usernameTaken(userJid);
    }
  }

  /** Makes of the claim what the invite is for, the contacts of a new account left out. */
  async #apply({ purpose, inviter_jid }: InvitesTable, userJid: string, password: string) {
    const { accounts } = this.dependencies.chatServer;
    await step((signal) => {
      if (opensAccount(purpose)) return accounts.create(userJid, password, signal);
      if (purpose === "password_reset") return accounts.setPassword(userJid, password, signal);
      return this.dependencies.makeContacts(userJid, inviter_jid, signal);
    });
  }

  /** Marks what was applied, and sees to the contacts of a new account. */
  async #finish(invite: InvitesTable, claim: RedemptionsTable): Promise<Redeemed> {
    const { redemptionStore, refreshRoster, makeContacts, log } = this.dependencies;
    const { user_jid: userJid } = claim;
    const redeem_time = claim.redeem_time ?? Date.now();
    const lease_time = Date.now() + LEASE_MS;
    await redemptionStore.advance(claim, { state: "applied", redeem_time, lease_time });
    const wantsContact = invite.purpose === "account_and_contact";
    const isNew = opensAccount(invite.purpose) && claim.redeem_time === null;
    if (isNew) {
      await step((signal) => refreshRoster(userJid, signal)).catch((error: Error) =>
        log.warn({ user: userJid, reason: error.message }, "a new account's roster was not filled"),
      );
    }
    if (wantsContact) {
      try {
        // After the refresh, which knows nothing of this contact.
        await step((signal) => makeContacts(userJid, invite.inviter_jid, signal));
      } catch (error) {
        const isHopeless = redeem_time < Date.now() - CONTACTS_PATIENCE_MS;
        const reason = (error as Error).message;
        log.warn(
          { user: userJid, inviter: invite.inviter_jid, reason },
          "no contact of the inviter",
        );
        if (isHopeless) await redemptionStore.advance(claim, { state: "done" });
        else await this.#leave(claim, CONTACTS_RETRY_MS);
        return { userJid, contactPending: true };
      }
    }
    await redemptionStore.advance(claim, { state: "done" });
    return { userJid, contactPending: false };
  }

  #exists(userJid: string): Promise<boolean> {
    return step((signal) => this.dependencies.chatServer.accounts.exists(userJid, signal));
  }

  #isPassword(userJid: string, password: string): Promise<boolean> {
    const { accounts } = this.dependencies.chatServer;
    return step((signal) => accounts.checkPassword(userJid, password, signal)).catch(() => false);
  }

  async #advance(claim: RedemptionsTable, state: "asked"): Promise<void> {
    const lease_time = Date.now() + LEASE_MS;
    if (await this.dependencies.redemptionStore.advance(claim, { state, lease_time })) return;
    throw new NotBegun("go on with a redemption", "another process has taken it over");
  }

  /** Lets others have it, after a time. */
  async #leave(claim: RedemptionsTable, delayMs: number): Promise<void> {
    const lease_time = Date.now() + delayMs;
    await this.dependencies.redemptionStore.advance(claim, { lease_time });
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }
}

function step<T>(work: (deadline: AbortSignal) => Promise<T>): Promise<T> {
  return withDeadline(new AbortController().signal, STEP_MS, work);
}

/** Whether the chat server may have done what failed; all other errors of its are certain. */
function mayHaveHappened(error: unknown): boolean {
  if (!(error instanceof DoormanError)) return true;
  return error.reason === ErrorReason.SERVER_NO_ANSWER && !(error instanceof NotBegun);
}

export function usernameTaken(userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.USERNAME_TAKEN,
    `There is an account ${userJid} already, or somebody is about to get it: choose another name`,
    { metadata: { field: "username" } },
  );
}
