import type { Logger } from "pino";
import type { InvitesTable, RedemptionsTable } from "../../database/schema.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { NotBegun } from "../../waiting/not-begun.js";
import { opensAccount } from "../purpose.js";
import { isSpent, isTaken, mayHaveHappened } from "./redemption-failures.js";
import type { RedemptionSteps } from "./redemption-steps.js";
import type { RedemptionStore } from "./redemption-store.js";

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
  redemptionSteps: RedemptionSteps;
  redemptionStore: RedemptionStore;
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
    const { redemptionSteps, redemptionStore } = this.dependencies;
    let isAsked = false;
    try {
      await redemptionSteps.prepare(invite, claim.user_jid);
      await this.#advance(claim, "asked");
      isAsked = true;
      await redemptionSteps.apply(invite, claim.user_jid, password);
    } catch (error) {
      if (isAsked && mayHaveHappened(error)) await this.#leave(claim, SETTLE_MS);
      else if (isSpent(error)) await redemptionStore.giveUp(claim);
      else await redemptionStore.giveBack(claim);
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
    const { redemptionSteps } = this.dependencies;
    try {
      await this.#advance(claim, "asked");
      await redemptionSteps.apply(invite, claim.user_jid, password);
    } catch (error) {
      // The first attempt's own account is in the way, or it has spent the token.
      const isInTheWay = isTaken(error) || isSpent(error);
      const isOurs = isInTheWay && (await redemptionSteps.isPassword(claim.user_jid, password));
      if (!isOurs) {
        // Whether the first attempt has made it is not said by what the second one met.
        await this.#leave(claim, SETTLE_MS);
        throw error;
      }
    }
    return this.#finish(invite, claim);
  }

  async #repair(invite: InvitesTable, claim: RedemptionsTable): Promise<void> {
    const { redemptionSteps, redemptionStore, log } = this.dependencies;
    const { user_jid } = claim;
    try {
      const outcome = await redemptionSteps.outcome(invite, claim);
      if (outcome === "applied") await this.#finish(invite, claim);
      else if (outcome === "spent elsewhere") await redemptionStore.giveUp(claim);
      else await redemptionStore.giveBack(claim);
      log.info(
        { invite: invite.id, user: user_jid, outcome },
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

  /** Marks what was applied, and sees to the roster and the contacts of a new account. */
  async #finish(invite: InvitesTable, claim: RedemptionsTable): Promise<Redeemed> {
    const { redemptionSteps, redemptionStore, log } = this.dependencies;
    const { user_jid: userJid } = claim;
    const redeem_time = claim.redeem_time ?? Date.now();
    const lease_time = Date.now() + LEASE_MS;
    await redemptionStore.advance(claim, { state: "applied", redeem_time, lease_time });
    const isNew = opensAccount(invite.purpose) && claim.redeem_time === null;
    if (isNew) {
      await redemptionSteps
        .refreshRoster(userJid)
        .catch((error: Error) =>
          log.warn(
            { user: userJid, reason: error.message },
            "a new account's roster was not filled",
          ),
        );
    }
    // After the refresh, which knows nothing of this contact.
    if (invite.purpose === "account_and_contact") {
      return this.#makeContacts(invite, { ...claim, redeem_time });
    }
    await redemptionStore.advance(claim, { state: "done" });
    return { userJid, contactPending: false };
  }

  async #makeContacts(
    { inviter_jid: inviter }: InvitesTable,
    claim: RedemptionsTable & { redeem_time: number },
  ): Promise<Redeemed> {
    const { redemptionSteps, redemptionStore, log } = this.dependencies;
    const { user_jid: userJid, redeem_time } = claim;
    try {
      await redemptionSteps.makeContacts(userJid, inviter);
    } catch (error) {
      const reason = (error as Error).message;
      log.warn({ user: userJid, inviter, reason }, "no contact of the inviter");
      const isHopeless = redeem_time < Date.now() - CONTACTS_PATIENCE_MS;
      if (isHopeless) await redemptionStore.advance(claim, { state: "done" });
      else await this.#leave(claim, CONTACTS_RETRY_MS);
      return { userJid, contactPending: true };
    }
    await redemptionStore.advance(claim, { state: "done" });
    return { userJid, contactPending: false };
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
