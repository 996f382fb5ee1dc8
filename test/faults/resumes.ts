import { PATIENCE_MS, until } from "../support/patience.js";
import { XmppUser } from "../support/xmpp-user.js";
import { type Callers, callers, outcomeOf } from "./calls.js";
import { type FaultStage, HOST, MUC_DOMAIN } from "./fault-stage.js";

/** Makes clients of a stage's Doorman. */
export function callersOf({ doorman, key }: FaultStage, deadlineMs: number): Callers {
  return callers(doorman.url, key, deadlineMs);
}

/** Waits until the server lets somebody in, and then for Doorman to do its work again. */
export async function resumes(stage: FaultStage): Promise<void> {
  await until(async () => {
    const client = await XmppUser.login(stage.server, "michael").catch(() => undefined);
    await client?.close();
    return client !== undefined;
  }, "login at the server");
  const { rooms, rosters } = callersOf(stage, PATIENCE_MS);
  await until(async () => {
    const answers = await Promise.all([
      outcomeOf("list", rooms.listOccupants({ roomJid: `none@${MUC_DOMAIN}` })),
      outcomeOf("get", rosters.getRoster({ userJid: `john@${HOST}` })),
    ]);
    return answers.every(({ ended }) => ended === "OK" || ended === "ROOM_NOT_FOUND");
  }, "work by Doorman");
}
