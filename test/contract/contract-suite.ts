import { suite, type Test } from "uvu";
import { addHatCases } from "./hat-cases.js";
import { addInviteCases } from "./invite-cases.js";
import { addRefreshCases } from "./refresh-cases.js";
import { addRoomCases } from "./room-cases.js";
import { addRosterCases } from "./roster-cases.js";
import { MUC_DOMAIN, type Stage } from "./stage.js";

/** Is where cases are added. Each is given the stage, and the JID of a room that is not there yet. */
export type ContractSuite = Test<{ stage: Stage; roomJid: string }>;

/**
 * Plays the same cases on any chat server. The stage is set once, at the first case, because a real
 * server takes a while; each case has a room of its own and puts rosters into the state it needs.
 * @param options.issuesInvites whether the server has invites of its own (XEP-0401)
 */
export function contractSuite(
  server: string,
  start: () => Promise<Stage>,
  { issuesInvites = true } = {},
): void {
  let stage: Promise<Stage> | undefined;
  let rooms = 0;
  const contract: ContractSuite = suite(`contract: ${server}`);

  contract.before.each(async (context) => {
    stage ??= start();
    context.stage = await stage;
    context.roomJid = `room${++rooms}@${MUC_DOMAIN}`;
  });
  contract.after(async () => (await stage)?.close());

  addRoomCases(contract);
  addRosterCases(contract);
  addRefreshCases(contract);
  addHatCases(contract);
  if (issuesInvites) addInviteCases(contract);
  contract.run();
}
