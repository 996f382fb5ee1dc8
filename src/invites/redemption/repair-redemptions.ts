import type { Logger } from "pino";
import type { ChatServer } from "../../chat-server/chat-server.js";
import type { KeyedLock } from "../../waiting/keyed-lock.js";
import { LEASE_MS, type RedemptionStore } from "./redemption-store.js";
import type { RedemptionWork } from "./redemption-work.js";

const INTERVAL_MS = 1_000;
const AT_ONCE = 20;

/**
 * Looks, from the start on and while the chat server is there, for redemptions that nobody works on and
 * that are not done: a process was killed, or an answer did not come. What the server has done is
 * finished, and what it has not is given back.
 */
export function repairRedemptions({
  chatServer,
  redemptionStore,
  redemptionWork,
  redemptionLock,
  log,
}: {
  chatServer: ChatServer;
  redemptionStore: RedemptionStore;
  redemptionWork: RedemptionWork;
  redemptionLock: KeyedLock;
  log: Logger;
}): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  let round = Promise.resolve();
  let isUnderWay = false;
  const timer = setInterval(() => {
    if (isUnderWay || chatServer.unavailableBecause !== undefined) return;
    isUnderWay = true;
    round = repairAll()
      .catch((error: unknown) => log.error({ err: error }, "redemptions could not be repaired"))
      .finally(() => {
        isUnderWay = false;
      });
  }, INTERVAL_MS);
  timer.unref();

  async function repairAll(): Promise<void> {
    const abandoned = await redemptionStore.listAbandoned(Date.now(), AT_ONCE);
    await Promise.all(
      abandoned.map(({ redemption, invite }) => {
        const task = `repair a redemption for ${redemption.user_jid}`;
        // A caller who is back comes first, with the password.
        return redemptionLock
          .run(redemption.user_jid, task, stopping.signal, async () => {
            const taken = await redemptionStore.takeOver(redemption, Date.now(), LEASE_MS);
            if (taken !== undefined) await redemptionWork.repair(invite, taken);
          })
          .catch((error: unknown) => {
            if (!stopping.signal.aborted) throw error;
          });
      }),
    );
  }

  return {
    /** Returns when nothing is being repaired any more. */
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await round;
    },
  };
}
