import type { Logger } from "pino";
import { passwordDigest } from "../../crypto/password-digest.js";
import type { InvitesTable, RedemptionsTable } from "../../database/schema.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { afterChange } from "../../waiting/after-change.js";
import { NotBegun } from "../../waiting/not-begun.js";
import type { Redeemed, RedemptionCompletion } from "./redemption-completion.js";
import { isSpent, isTaken, mayHaveHappened } from "./redemption-failures.js";
import type { RedemptionSteps } from "./redemption-steps.js";
import { LEASE_MS, type RedemptionStore } from "./redemption-store.js";

/** After an answer that did not come: what was asked has happened by then, or does not happen. */
const SETTLE_MS = 2_000;
/** Until what may still happen, or cannot be found out, is looked at again. */
const LOOK_AGAIN_MS = 5_000;

export interface RedemptionWorkDependencies {
  redemptionSteps: RedemptionSteps;
  redemptionStore: RedemptionStore;
  redemptionCompletion: RedemptionCompletion;
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

  /** Resets a password once more where nobody knows whether that was done, for who has set the same one. */
  repeatReset(invite: InvitesTable, spent: RedemptionsTable, password: string): Promise<Redeemed> {
    return this.#track(this.#repeatReset(invite, spent, password));
  }

  /** Goes on with what was abandoned, as far as that is possible without the password. */
  repair(invite: InvitesTable, claim: RedemptionsTable): Promise<void> {
    return this.#track(this.#repair(invite, claim));
  }

  /** Returns when nothing is under way any more. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.dependencies.redemptionCompletion.finished();
  }

  async #begin(invite: InvitesTable, claim: RedemptionsTable, password: string): Promise<Redeemed> {
    const { redemptionSteps, redemptionStore } = this.dependencies;
    let isAsked = false;
    try {
      await redemptionSteps.prepare(invite, claim.user_jid);
      const isReset = invite.purpose === "password_reset";
      await this.#ask(claim, isReset ? await passwordDigest(password) : null);
      isAsked = true;
      await redemptionSteps.apply(invite, claim.user_jid, password);
    } catch (error) {
      if (isAsked && mayHaveHappened(error)) await this.#leave(claim, SETTLE_MS);
      else if (isSpent(error)) await redemptionStore.giveUp(claim);
      else await redemptionStore.giveBack(claim);
      throw error;
    }
    return this.dependencies.redemptionCompletion.finish(invite, claim);
  }

  async #resume(
    invite: InvitesTable,
    claim: RedemptionsTable,
    password: string,
  ): Promise<Redeemed> {
    const { redemptionSteps, redemptionCompletion } = this.dependencies;
    if (claim.state === "claimed") return this.#begin(invite, claim, password);
    try {
      await this.#ask(claim, claim.password_digest);
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
    return redemptionCompletion.finish(invite, claim);
  }

  async #repeatReset(
    invite: InvitesTable,
    spent: RedemptionsTable,
    password: string,
  ): Promise<Redeemed> {
    const { redemptionSteps, redemptionStore } = this.dependencies;
    await redemptionSteps.prepare(invite, spent.user_jid);
    await redemptionSteps.apply(invite, spent.user_jid, password);
    await afterChange(`reset the password of ${spent.user_jid}`, () =>
      redemptionStore.advance(spent, { password_digest: null }),
    );
    return { userJid: spent.user_jid, contactPending: false };
  }

  async #repair(invite: InvitesTable, claim: RedemptionsTable): Promise<void> {
    const { redemptionSteps, redemptionStore, redemptionCompletion, log } = this.dependencies;
    const { user_jid } = claim;
    try {
      const outcome = await redemptionSteps.outcome(invite, claim);
      if (outcome === "not applied yet") return await this.#lookAgain(claim);
      if (outcome === "applied") await redemptionCompletion.finish(invite, claim);
      else if (outcome === "unknown") await this.#spend(claim);
      else if (outcome === "spent elsewhere") await redemptionStore.giveUp(claim);
      else await redemptionStore.giveBack(claim);
      log.info(
        { invite: invite.id, user: user_jid, outcome },
        "an unfinished redemption was repaired",
      );
    } catch (error) {
      await this.#leave(claim, LOOK_AGAIN_MS);
      if (!(error instanceof DoormanError)) throw error;
      log.debug(
        { invite: invite.id, reason: error.message },
        "a redemption cannot be repaired yet",
      );
    }
  }

  async #lookAgain(claim: RedemptionsTable): Promise<void> {
    const now = Date.now();
    // Asked later than now, before the clock was set back: nobody knows how long ago that is.
    const ask_time = Math.min(claim.ask_time ?? now, now);
    const change = { ask_time, lease_time: now + LOOK_AGAIN_MS };
    await this.dependencies.redemptionStore.advance(claim, change);
  }

  /** Counts as spent what nobody can tell of; its user is known by the password, and may repeat it. */
  async #spend(claim: RedemptionsTable): Promise<void> {
    const { redemptionStore } = this.dependencies;
    await redemptionStore.advance(claim, { state: "done", redeem_time: Date.now() });
  }

  async #ask(claim: RedemptionsTable, password_digest: string | null): Promise<void> {
    const now = Date.now();
    const asked = { lease_time: now + LEASE_MS, ask_time: now, password_digest };
    if (await this.dependencies.redemptionStore.advance(claim, { state: "asked", ...asked }))
      return;
    throw new NotBegun("go on with a redemption", "another process has taken it over");
  }

  /** Lets others have it, after a time. */
  async #leave(claim: RedemptionsTable, delayMs: number): Promise<void> {
    const lease_time = Date.now() + delayMs;
    try {
      await this.dependencies.redemptionStore.advance(claim, { lease_time });
    } catch (error) {
      // While the database is locked the lease stays, and ends by itself.
      if (!(error instanceof DoormanError)) throw error;
    }
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
