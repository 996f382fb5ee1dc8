import { setTimeout as sleep } from "node:timers/promises";
import { XmppUser } from "../support/xmpp-user.js";
import { type Callers, callers, outcomeOf } from "./calls.js";
import { type FaultStage, HOST, MUC_DOMAIN } from "./fault-stage.js";

/** The requirement itself: work resumes within 5 s of the server being back. */
export const RESUMES_WITHIN_MS = 5_000;

/** Makes clients of a stage's Doorman. */
export function callersOf({ doorman, key }: FaultStage, deadlineMs: number): Callers {
  return callers(doorman.url, key, deadlineMs);
}

/** Waits until the server lets somebody in, and then for Doorman to do its work again. */
export async function resumes(stage: FaultStage): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const client = await XmppUser.login(stage.server, "michael").catch(() => undefined);
    await client?.close();
    if (client !== undefined) break;
    if (Date.now() > deadline) throw new Error("the server does not come back");
  }
  const { rooms, rosters } = callersOf(stage, RESUMES_WITHIN_MS);
  await until(
    async () => {
      const answers = await Promise.all([
        outcomeOf("list", rooms.listOccupants({ roomJid: `none@${MUC_DOMAIN}` })),
        outcomeOf("get", rosters.getRoster({ userJid: `john@${HOST}` })),
      ]);
      return answers.every(({ ended }) => ended === "OK" || ended === "ROOM_NOT_FOUND");
    },
    RESUMES_WITHIN_MS,
    "work by Doorman",
  );
}

/** Waits until something is so. @throws Error with `what` when it is not in time */
export async function until(isThere: () => Promise<boolean>, timeoutMs: number, what: string) {
  const deadline = Date.now() + timeoutMs;
  while (!(await isThere())) {
    if (Date.now() > deadline) throw new Error(`no ${what} within ${timeoutMs} ms`);
    await sleep(200);
  }
}
