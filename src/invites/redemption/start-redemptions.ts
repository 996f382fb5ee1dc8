import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { GuessablePasswords } from "../../accounts/guessable-passwords.js";
import type { ProtectedUsers } from "../../accounts/protected-users.js";
import type { Schema } from "../../database/schema.js";
import { parseBareJid } from "../../jid/jid.js";
import { type RosterDependencies, refreshRoster } from "../../rosters/refresh-roster.js";
import { before } from "../../waiting/before.js";
import { KeyedLock } from "../../waiting/keyed-lock.js";
import { makeContacts } from "./make-contacts.js";
import type { RedeemDependencies } from "./redeem-invite.js";
import { RedeemerStore } from "./redeemer-store.js";
import { RedemptionCompletion } from "./redemption-completion.js";
import { RedemptionSteps } from "./redemption-steps.js";
import { RedemptionStore } from "./redemption-store.js";
import { RedemptionWork } from "./redemption-work.js";
import { repairRedemptions } from "./repair-redemptions.js";

const STOP_TIMEOUT_MS = 5_000;

/** Is what redeems, and goes on with what was left unfinished. */
export interface Redemptions
  extends Pick<
    RedeemDependencies,
    "redemptionStore" | "redemptionWork" | "redemptionLock" | "guessablePasswords"
  > {
  redeemerStore: RedeemerStore;
  /** Begins nothing any more, and returns when nothing is under way; what takes long is left for the next start. */
  stop(): Promise<void>;
}

/** Puts together what redeems invites, and starts to repair what was abandoned. */
export function startRedemptions(
  rosters: RosterDependencies,
  {
    database,
    protectedUsers,
    log,
  }: { database: Kysely<Schema>; protectedUsers: ProtectedUsers; log: Logger },
): Redemptions {
  const { chatServer, hosts, rosterLock } = rosters;
  const redemptionStore = new RedemptionStore(database);
  const redemptionLock = new KeyedLock();
  const redemptionSteps = new RedemptionSteps({
    chatServer,
    async refreshRoster(userJid, signal) {
      const user = parseBareJid(userJid, "user_jid");
      if (hosts.rosterUrl(user.domain) === undefined) return;
      await refreshRoster(rosters, user, { dryRun: false, signal });
    },
    makeContacts: (userJid, inviterJid, signal) =>
      makeContacts({ rosters: chatServer.rosters, rosterLock }, userJid, inviterJid, signal),
    requireResettable: (userJid, signal) => protectedUsers.requireResettable(userJid, signal),
    requireUnprotected: (userJid, signal) => protectedUsers.requireUnprotected(userJid, signal),
  });
  const steps = { redemptionSteps, redemptionStore, log };
  const redemptionCompletion = new RedemptionCompletion(steps);
  const redemptionWork = new RedemptionWork({ ...steps, redemptionCompletion });
  const redemptions = { redemptionStore, redemptionWork, redemptionLock };
  const repair = repairRedemptions({ ...redemptions, chatServer, log });
  return {
    ...redemptions,
    guessablePasswords: new GuessablePasswords(chatServer.accounts),
    redeemerStore: new RedeemerStore(database),
    async stop() {
      const finished = repair.stop().then(() => redemptionWork.finished());
      await before(finished, undefined, STOP_TIMEOUT_MS, () => new Error()).catch(() => {});
    },
  };
}
