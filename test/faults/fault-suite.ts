import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { TestDoorman } from "../support/doorman.js";
import { PATIENCE_MS, until } from "../support/patience.js";
import { suite } from "../support/suite.js";
import { XmppUser } from "../support/xmpp-user.js";
import { type Callers, callers, hasNoEnding, type Outcome, outcomeOf } from "./calls.js";
import {
  configurationFor,
  type FaultStage,
  type FaultyServer,
  HOST,
  MUC_DOMAIN,
  startFaultStage,
} from "./fault-stage.js";
import { Load } from "./load.js";
import { assertNothingKept } from "./memory-growth.js";
import type { MemoryReport } from "./memory-report.js";
import { callersOf, resumes } from "./resumes.js";
import { SeparateDoorman } from "./separate-doorman.js";

const DOORMAN = `doorman@${HOST}/`;
const JOHN = `john@${HOST}`;

/**
 * Plays the same faults on any chat server, which is started once and is whole again after each.
 * @param extent "once": without the case that repeats one of the others ten times
 */
export function faultSuite(
  server: string,
  start: () => Promise<FaultyServer>,
  extent: "whole" | "once",
): void {
  let started: Promise<FaultStage> | undefined;
  let loads = 0;
  const faults = suite<{ stage: FaultStage; load: Load }>(`faults: ${server}`);

  faults.before.each(async (context) => {
    started ??= startFaultStage(start);
    context.stage = await started;
    context.load = new Load(context.stage.server, `load${++loads}-`);
  });
  faults.after.each(async ({ load }) => {
    await load?.close().catch(() => {});
  });
  faults.after(async () => (await started)?.close());

  faults("a server that is restarted in the middle of 200 calls", async ({ stage, load }) => {
    await load.prepare();
    await load.run(callersOf(stage, 15_000), () => stage.server.restart());
    await resumes(stage);
    await load.assertTrue(callersOf(stage, PATIENCE_MS));
  });

  faults("a server whose process stands still for ten seconds", async ({ stage, load }) => {
    await load.prepare();
    const stopped = async () => {
      stage.server.pause();
      await sleep(10_000);
      stage.server.resume();
    };
    const outcomes = await load.run(callersOf(stage, 6_000), stopped);
    assert.ok(outcomes.some(({ ended }) => ended === "SERVER_NO_ANSWER"));
    await resumes(stage);
    await load.assertTrue(callersOf(stage, PATIENCE_MS));
  });

  faults("a connection that is cut in the middle of 200 calls", async ({ stage, load }) => {
    await load.prepare();
    const outcomes = await load.run(callersOf(stage, 15_000), () => stage.proxy.cut());
    assert.ok(outcomes.some(({ ended }) => ended !== "OK"));
    await resumes(stage);
    await load.assertTrue(callersOf(stage, PATIENCE_MS));
  });

  faults("a connection that dies without a word is noticed and replaced", async ({ stage }) => {
    stage.proxy.silence();
    const { rooms } = callersOf(stage, 2_000);
    const ask = () => outcomeOf("list", rooms.listOccupants({ roomJid: `none@${MUC_DOMAIN}` }));
    assert.is((await ask()).ended, "SERVER_NO_ANSWER");
    await until(async () => (await ask()).ended === "ROOM_NOT_FOUND", "another connection");
  });

  faults(
    "a changed password: calls fail at once and say so, and a new password file lets Doorman in",
    async ({ stage }) => {
      const { server, proxy, passwordFile } = stage;
      const { rooms } = callersOf(stage, 5_000);
      const ask = () => outcomeOf("list", rooms.listOccupants({ roomJid: `none@${MUC_DOMAIN}` }));
      await server.changeAdminPassword("another-password");
      // ejabberd leaves the connection as it is, Prosody closes it.
      proxy.cut();
      await until(async () => /login refused/.test((await ask()).message), "a refusal");
      const refused = await ask();
      assert.is(refused.ended, "SERVER_UNAVAILABLE");
      assert.match(refused.message, /does not take the password.*nothing was done/);
      assert.is((await stage.doorman.fetch("/readyz")).status, 503);
      assert.not.match(stage.doorman.log, /another-password|opensesame/);
      writeFileSync(passwordFile, "another-password\n");
      await resumes(stage);
    },
  );

  faults("a password that is changed back lets Doorman in again by itself", async ({ stage }) => {
    const { server, proxy } = stage;
    const { rooms } = callersOf(stage, 5_000);
    const ask = () => outcomeOf("list", rooms.listOccupants({ roomJid: `none@${MUC_DOMAIN}` }));
    await server.changeAdminPassword("a-third-password");
    proxy.cut();
    await until(async () => /login refused/.test((await ask()).message), "a refusal");
    await server.changeAdminPassword("another-password");
    await resumes(stage);
  });

  faults("a second Doorman on the same account: both work, in the same rooms", async (context) => {
    const { stage, load } = context;
    const second = await TestDoorman.start(configurationFor(stage.server, stage));
    try {
      await second.untilReady();
      await load.prepare();
      const [outcomes, others] = await Promise.all([
        load.run(callersOf(stage, PATIENCE_MS), () => {}),
        questions(callers(second.url, await second.createKey(HOST), PATIENCE_MS), load.rooms),
      ]);
      assert.equal(failed([...outcomes, ...others]), []);
      await load.assertTrue(callersOf(stage, PATIENCE_MS));
      for (const log of [stage.doorman.log, second.log]) assert.not.match(log, "conflict");
    } finally {
      await second.close();
    }
  });

  faults(
    "a session that takes Doorman's full JID: Doorman comes back under another one",
    async ({ stage }) => {
      const { server, doorman } = stage;
      const { rooms } = callersOf(stage, 5_000);
      const roomJid = `conflict@${MUC_DOMAIN}`;
      const alice = await XmppUser.login(server, "alice");
      let intruder: XmppUser | undefined;
      try {
        await alice.joinRoom(roomJid, "Alice");
        const first = await fullJidIn(alice, rooms, roomJid);
        const logins = () => doorman.log.split("connected to the chat server").length;
        const before = logins();
        const [, resource] = first.split("/");
        intruder = await XmppUser.login(server, "doorman", passwordOf(stage), resource);
        await until(async () => logins() > before, "login after the conflict");
        assert.match(doorman.log, "the server closed the stream: conflict");
        assert.is.not(await fullJidIn(alice, rooms, roomJid), first);
        // Both would throw each other out over and over if they wanted the same.
        await sleep(3_000);
        await intruder.roster();
        assert.is(logins(), before + 1);
        await resumes(stage);
      } finally {
        await intruder?.close();
        await alice.close();
      }
    },
  );

  faults("a MUC service that is unloaded and back", async ({ stage, load }) => {
    await load.prepare();
    await load.run(callersOf(stage, 15_000), async () => {
      await stage.server.unloadRooms();
      const { rooms } = callersOf(stage, 5_000);
      const [roomJid = ""] = load.rooms;
      const isRefused = async () => {
        const { ended } = await outcomeOf("list", rooms.listOccupants({ roomJid }));
        return ["SERVER_REFUSED", "ROOM_NOT_FOUND"].includes(ended);
      };
      // Answers from before may still be on their way.
      await until(isRefused, "refusal").finally(() => stage.server.loadRooms());
    });
    await resumes(stage);
    await load.assertTrue(callersOf(stage, PATIENCE_MS));
    const again = new Load(stage.server, `load${++loads}-`);
    await again.prepare();
    assert.equal(failed(await again.run(callersOf(stage, PATIENCE_MS), () => {})), []);
    await again.assertTrue(callersOf(stage, PATIENCE_MS));
  });

  if (extent === "whole") {
    faults("ten rounds of a restart and 200 calls leave memory as it was", async (context) => {
      const { stage, load } = context;
      await load.prepare();
      await load.close();
      const doorman = await SeparateDoorman.start(stage);
      try {
        const reports: MemoryReport[] = [];
        for (let round = 1; round <= 10; round++) {
          await doorman.untilReady();
          const outcomes = await load.run(callers(doorman.url, doorman.key, 5_000), () =>
            stage.server.restart(),
          );
          assert.equal(outcomes.filter(hasNoEnding), []);
          await doorman.untilReady();
          if ([5, 10].includes(round)) reports.push(await doorman.memory());
        }
        assertNothingKept(reports as [MemoryReport, MemoryReport]);
      } finally {
        await doorman.stop();
      }
    });
  }

  faults.run();
}

/** Asks who is in some rooms and who is in a roster, over and over. */
function questions({ rooms, rosters }: Callers, roomJids: readonly string[]): Promise<Outcome[]> {
  const calls = Array.from({ length: 10 }, () => roomJids).flat();
  return Promise.all([
    ...calls.map((roomJid) => outcomeOf("list", rooms.listOccupants({ roomJid }))),
    ...calls.map(() => outcomeOf("get", rosters.getRoster({ userJid: JOHN }))),
  ]);
}

function failed(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ ended }) => ended !== "OK");
}

/** Makes Doorman enter a room, and answers what the room tells its owner of it. */
async function fullJidIn(owner: XmppUser, rooms: Callers["rooms"], roomJid: string) {
  owner.forget();
  // There is nobody of that name, which Doorman finds out inside.
  const { ended } = await outcomeOf("kick", rooms.kickOccupant({ roomJid, nickname: "Nobody" }));
  assert.is(ended, "OCCUPANT_NOT_FOUND");
  const entered = await owner.nextStanza((stanza) => fullJidOf(stanza).startsWith(DOORMAN));
  return fullJidOf(entered);
}

function fullJidOf(presence: Parameters<XmppUser["send"]>[0]): string {
  const user = presence.getChild("x", "http://jabber.org/protocol/muc#user");
  return String(user?.getChild("item")?.getAttr("jid"));
}

function passwordOf({ passwordFile }: FaultStage): string {
  return readFileSync(passwordFile, "utf8").trim();
}
