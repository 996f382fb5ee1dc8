import type { Logger } from "pino";
import type { InvitesTable, RedemptionsTable } from "../../database/schema.js";
import { afterChange } from "../../waiting/after-change.js";
import { before } from "../../waiting/before.js";
import { opensAccount } from "../purpose.js";
import { CONTACTS_PATIENCE_MS, type RedemptionSteps } from "./redemption-steps.js";
import { LEASE_MS, type RedemptionStore } from "./redemption-store.js";

/** How long a caller waits for the contacts; then they are made after the answer. */
const ANSWER_MS = 3_000;
/** Until the contacts are tried again. */
const RETRY_MS = 30_000;

/** Is what redeeming led to. */
export interface Redeemed {
  /** Bare. */
  userJid: string;
  /** Whether the user and the inviter are still to become contacts. */
  contactPending: boolean;
}

/** Ends a redemption whose account or password is there: the roster is filled, and then the inviter's contact made. */
export class RedemptionCompletion {
  /** What goes on after its answer. */
  readonly #underWay: Set<Promise<unknown>> = new Set();

  constructor(
    private readonly dependencies: {
      redemptionSteps: RedemptionSteps;
      redemptionStore: RedemptionStore;
      log: Logger;
    },
  ) {}

  /** Marks what was applied, and sees to the rest, which may take longer than the answer. */
  async finish(invite: InvitesTable, claim: RedemptionsTable): Promise<Redeemed> {
    const { redemptionStore, log } = this.dependencies;
    const { user_jid: userJid, state } = claim;
    const redeem_time = claim.redeem_time ?? Date.now();
    const applied = {
      ...claim,
      redeem_time,
      state: state === "refreshed" ? state : ("applied" as const),
    };
    // A failure to write it down does not undo what the chat server has done.
    await afterChange(`redeem an invite for ${userJid}`, () =>
      redemptionStore.advance(claim, {
        state: applied.state,
        redeem_time,
        lease_time: Date.now() + LEASE_MS,
        password_digest: null,
      }),
    );
    const rest = this.#complete(invite, applied).catch((error: unknown) => {
      // The lease ends, and then it is tried again.
      log.error({ err: error, invite: invite.id }, "a redemption could not be completed");
      return false;
    });
    this.#underWay.add(rest);
    void rest.finally(() => this.#underWay.delete(rest));
    const isContact = await before(rest, undefined, ANSWER_MS, () => new Error()).catch(
      () => false,
    );
    return { userJid, contactPending: invite.purpose === "account_and_contact" && !isContact };
  }

  /** Returns when nothing is under way any more. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** @returns whether the inviter, if there is one to become so, is a contact */
  async #complete(
    { purpose, inviter_jid: inviter }: InvitesTable,
    claim: RedemptionsTable & { redeem_time: number },
  ): Promise<boolean> {
    const { redemptionSteps, redemptionStore, log } = this.dependencies;
    const { user_jid: user, state, redeem_time } = claim;
    let isContact = true;
    if (state !== "refreshed" && opensAccount(purpose)) {
      // An app that does not know the newcomer, or is away, is asked anew at the next refresh.
      await succeeds(redemptionSteps.refreshRoster(user), (reason) =>
        log.warn({ user, reason }, "a new account's roster was not filled"),
      );
      const lease_time = Date.now() + LEASE_MS;
      if (!(await redemptionStore.advance(claim, { state: "refreshed", lease_time }))) return false;
    }
    // After the refresh, which knows nothing of this contact.
    if (purpose === "account_and_contact") {
      isContact = await succeeds(redemptionSteps.makeContacts(user, inviter), (reason) =>
        log.warn({ user, inviter, reason }, "no contact of the inviter"),
      );
    }
    const isHopeless = redeem_time < Date.now() - CONTACTS_PATIENCE_MS;
    if (isContact || isHopeless) {
      await redemptionStore.advance(claim, { state: "done" });
    } else {
      await redemptionStore.advance(claim, { lease_time: Date.now() + RETRY_MS });
    }
    return isContact;
  }
}

async function succeeds(work: Promise<void>, onFailure: (reason: string) => void) {
  try {
    await work;
    return true;
  } catch (error) {
    onFailure((error as Error).message);
    return false;
  }
}
