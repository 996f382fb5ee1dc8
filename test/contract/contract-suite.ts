import { suite } from "../support/suite.js";
import { ContractRecord } from "./contract-record.js";
import { addHatCases } from "./hat-cases.js";
import { addInviteCases } from "./invite-cases.js";
import { addKickCases } from "./kick-cases.js";
import { addRedemptionCases } from "./redemption-cases.js";
import { addRefreshCases } from "./refresh-cases.js";
import { addRoomCases } from "./room-cases.js";
import { addRosterCases } from "./roster-cases.js";
import { MUC_DOMAIN, type Stage } from "./stage.js";

/** Is what a case is given: the stage, and the JID of a room that is not there yet. */
export interface CaseContext {
  stage: Stage;
  roomJid: string;
}

/** Is where cases are added, by a name that begins with the method: "KickOccupant: …". */
export type ContractSuite = (name: string, play: (context: CaseContext) => Promise<void>) => void;

/** The cases, under the names that docs/compatibility.md has for their groups. */
const GROUPS: readonly [string, (contract: ContractSuite) => void][] = [
  [
    "Rooms",
    (contract) => {
      addKickCases(contract);
      addRoomCases(contract);
    },
  ],
  ["Rosters", addRosterCases],
  ["Refreshing rosters", addRefreshCases],
  ["Hats", addHatCases],
  ["Invites", addInviteCases],
  ["Redeeming invites", addRedemptionCases],
];

/**
 * Plays the same cases on any chat server. The stage is set once, at the first case, because a real
 * server takes a while; each case has a room of its own and puts rosters into the state it needs.
 * What was played is recorded, for docs/compatibility.md.
 * @param server as a column of that table has it
 * @param notOffered what the server cannot do: for the beginning of one or more cases' names, the reason
 */
export function contractSuite(
  server: string,
  start: () => Promise<Stage>,
  notOffered: Readonly<Record<string, string>> = {},
): void {
  let stage: Promise<Stage> | undefined;
  let rooms = 0;
  const record = new ContractRecord(server);
  const contract = suite<CaseContext>(`contract: ${server}`);

  contract.before.each(async (context) => {
    stage ??= start();
    context.stage = await stage;
    context.roomJid = `room${++rooms}@${MUC_DOMAIN}`;
  });
  contract.after(async () => {
    // A stage that could not be set has failed every case already.
    const played = await stage?.catch(() => undefined);
    record.write(played?.version ?? "");
    await played?.close();
  });

  const used = new Set<string>();
  for (const [group, addCases] of GROUPS) {
    addCases((name, play) => {
      const start = Object.keys(notOffered).find((beginning) => name.startsWith(beginning));
      if (start !== undefined) {
        used.add(start);
        record.add(group, name, { notOffered: notOffered[start] ?? "" });
        return;
      }
      const outcome = record.add(group, name, { passed: false });
      contract(name, async (context) => {
        await play(context);
        outcome.passed = true;
      });
    });
  }
  for (const beginning of Object.keys(notOffered)) {
    if (!used.has(beginning)) throw new Error(`no case's name begins with "${beginning}"`);
  }
  contract.run();
}
