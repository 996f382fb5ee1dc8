import * as assert from "uvu/assert";
import { PATIENCE_MS, until } from "../support/patience.js";
import { suite } from "../support/suite.js";
import { XmppUser } from "../support/xmpp-user.js";
import { callers, type Outcome, outcomeOf } from "./calls.js";
import {
  type FaultStage,
  type FaultyServer,
  HOST,
  MUC_DOMAIN,
  startFaultStage,
} from "./fault-stage.js";

const ROOM = `snuggery@${MUC_DOMAIN}`;
const BOB = `bob@${HOST}`;

/**
 * Plays what can go wrong where Doorman's configuration does not say which domain has the rooms.
 * @param startListed starts a server that lists MUC_DOMAIN among the services of HOST
 * @param startUnlisted starts one that does not
 */
export function discoveredRoomsSuite(
  server: string,
  startListed: () => Promise<FaultyServer>,
  startUnlisted: () => Promise<FaultyServer>,
): void {
  const faults = suite<{ stage?: FaultStage; users: XmppUser[] }>(
    `faults: rooms that Doorman finds by itself on ${server}`,
  );

  faults.before.each((context) => {
    context.users = [];
  });
  faults.after.each(async ({ stage, users }) => {
    for (const user of users) await user.close().catch(() => {});
    await stage?.close().catch(() => {});
  });

  faults(
    "a MUC service that is unloaded is not called empty, and is found again",
    async (context) => {
      const stage = await startFaultStage(startListed, { hosts: { [HOST]: {} } });
      context.stage = stage;
      const { rooms } = callers(stage.doorman.url, stage.key, PATIENCE_MS);
      const kick = () => rooms.kickUser({ userJid: BOB });
      const list = () => outcomeOf("list", rooms.listOccupants({ roomJid: ROOM }));
      await stage.server.unloadRooms();
      assertRefused(await outcomeOf("kick", kick()));
      assertRefused(await list());
      await stage.server.loadRooms();
      context.users = await aliceAndBobIn(stage.server);
      await until(async () => (await list()).ended === "OK", "work by Doorman");
      const kicked = await kick();
      assert.equal(
        kicked.rooms.map(({ roomJid, nicknames }) => [roomJid, nicknames]),
        [[ROOM, ["Bob"]]],
      );
      // What was found once is not what is there now.
      await stage.server.unloadRooms();
      assertRefused(await outcomeOf("kick", kick()));
    },
  );

  faults("KickUser does not say that there is nobody where it knows no rooms", async (context) => {
    const stage = await startFaultStage(startUnlisted, { hosts: { [HOST]: {} } });
    context.stage = stage;
    context.users = await aliceAndBobIn(stage.server);
    const { rooms } = callers(stage.doorman.url, stage.key, PATIENCE_MS);
    const { ended, message } = await outcomeOf("kick", rooms.kickUser({ userJid: BOB }));
    assert.is(ended, "NOT_A_MUC_SERVICE", message);
    assert.match(message, `set hosts.${HOST}.muc`);
  });

  faults.run();
}

function assertRefused({ ended, message }: Outcome): void {
  assert.is(ended, "SERVER_REFUSED", message);
  assert.match(message, `set hosts.${HOST}.muc`);
}

async function aliceAndBobIn(server: FaultyServer): Promise<XmppUser[]> {
  const alice = await XmppUser.login(server, "alice");
  const bob = await XmppUser.login(server, "bob");
  await alice.joinRoom(ROOM, "Alice");
  await bob.joinRoom(ROOM, "Bob");
  return [alice, bob];
}
