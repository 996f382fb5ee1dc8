import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { TestDoorman } from "../support/doorman.js";
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
import { SeparateDoorman } from "./separate-doorman.js";

const JOHN = `john@${HOST}`;
/** The requirement itself: work resumes within 5 s of the server being back. */
const RESUMES_WITHIN_MS = 5_000;

/** How much more memory Doorman may have after the tenth round than after the first. */
const MAX_GROWTH_BYTES = 20e6;

/** Plays the same faults on any chat server, which is started once and is whole again after each. */
export function faultSuite(server: string, start: () => Promise<FaultyServer>): void {
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
    await load.assertTrue();
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
    await load.assertTrue();
  });

  faults("a connection that is cut in the middle of 200 calls", async ({ stage, load }) => {
    await load.prepare();
    const outcomes = await load.run(callersOf(stage, 15_000), () => stage.proxy.cut());
    assert.ok(outcomes.some(({ ended }) => ended !== "OK"));
    await resumes(stage);
    await load.assertTrue();
  });

  faults("a connection that dies without a word is noticed and replaced", async ({ stage }) => {
    stage.proxy.silence();
    const { rooms } = callersOf(stage, 2_000);
    const ask = () => outcomeOf("list", rooms.listOccupants({ roomJid: `none@${MUC_DOMAIN}` }));
    assert.is((await ask()).ended, "SERVER_NO_ANSWER");
    await until(async () => (await ask()).ended === "ROOM_NOT_FOUND", 30_000, "another connection");
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
      await until(async () => /login refused/.test((await ask()).message), 10_000, "a refusal");
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
    await until(async () => /login refused/.test((await ask()).message), 10_000, "a refusal");
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
        load.run(callersOf(stage, 15_000), () => {}),
        questions(callers(second.url, await second.createKey(HOST), 15_000), load.rooms),
      ]);
      assert.equal(failed([...outcomes, ...others]), []);
      await load.assertTrue();
      for (const log of [stage.doorman.log, second.log]) assert.not.match(log, "conflict");
    } finally {
      await second.close();
    }
  });

  faults("a MUC service that is unloaded and back", async ({ stage, load }) => {
    await load.prepare();
    await load.run(callersOf(stage, 15_000), async () => {
      await stage.server.unloadRooms();
      const { rooms } = callersOf(stage, 5_000);
      const [roomJid = ""] = load.rooms;
      const { ended } = await outcomeOf("list", rooms.listOccupants({ roomJid }));
      assert.ok(["SERVER_REFUSED", "ROOM_NOT_FOUND"].includes(ended), ended);
      await stage.server.loadRooms();
    });
    await resumes(stage);
    await load.assertTrue();
    const again = new Load(stage.server, `load${++loads}-`);
    await again.prepare();
    assert.equal(failed(await again.run(callersOf(stage, 15_000), () => {})), []);
    await again.assertTrue();
  });

  faults("ten rounds of a restart and 200 calls leave memory as it was", async (context) => {
    const { stage, load } = context;
    await load.prepare();
    await load.close();
    const doorman = await SeparateDoorman.start(stage);
    try {
      const resident: number[] = [];
      for (let round = 1; round <= 10; round++) {
        await doorman.untilReady();
        const outcomes = await load.run(callers(doorman.url, doorman.key, 5_000), () =>
          stage.server.restart(),
        );
        assert.equal(outcomes.filter(hasNoEnding), []);
        await doorman.untilReady();
        resident.push(await doorman.residentBytes());
      }
      const [first = 0] = resident;
      const grown = (resident.at(-1) ?? 0) - first;
      assert.ok(grown < MAX_GROWTH_BYTES, `resident after each round: ${resident.join(" ")}`);
    } finally {
      await doorman.stop();
    }
  });

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

function callersOf({ doorman, key }: FaultStage, deadlineMs: number): Callers {
  return callers(doorman.url, key, deadlineMs);
}

function failed(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ ended }) => ended !== "OK");
}

/** Waits until the server lets somebody in, and then for Doorman to do its work again. */
async function resumes(stage: FaultStage): Promise<void> {
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
        outcomeOf("get", rosters.getRoster({ userJid: JOHN })),
      ]);
      return answers.every(({ ended }) => ended === "OK" || ended === "ROOM_NOT_FOUND");
    },
    RESUMES_WITHIN_MS,
    "work by Doorman",
  );
}

async function until(isThere: () => Promise<boolean>, timeoutMs: number, what: string) {
  const deadline = Date.now() + timeoutMs;
  while (!(await isThere())) {
    if (Date.now() > deadline) throw new Error(`no ${what} within ${timeoutMs} ms`);
    await sleep(200);
  }
}
