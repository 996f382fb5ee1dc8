import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { callers, type Outcome, outcomeOf } from "../faults/calls.js";
import { type FaultStage, HOST, MUC_DOMAIN, startFaultStage } from "../faults/fault-stage.js";
import { DEBIAN_RELEASES } from "../support/debian-release.js";
import { startEjabberd } from "../support/ejabberd.js";
import { ejabberdIsThere } from "../support/ejabberd-is-there.js";
import { PATIENCE_MS, until } from "../support/patience.js";
import { startProsody } from "../support/prosody.js";
import { prosodyIsThere } from "../support/prosody-is-there.js";
import { suite } from "../support/suite.js";
import { XmppUser } from "../support/xmpp-user.js";

const MOST = 4;
const USERNAMES = ["john", "aaron", "marie", "michael", "alice", "bob"];
const userJidOf = (index: number) => `${USERNAMES[index % USERNAMES.length]}@${HOST}`;
const SERVERS = [
  ...DEBIAN_RELEASES.map((release) => ({
    name: `Debian ${release}'s Prosody`,
    isThere: (suiteName: string) => prosodyIsThere(suiteName, release),
    start: () => startProsody({ release }),
  })),
  ...DEBIAN_RELEASES.map((release) => ({
    name: `Debian ${release}'s ejabberd`,
    isThere: (suiteName: string) => ejabberdIsThere(suiteName, release),
    start: () => startEjabberd({ release }),
  })),
];

for (const { name, isThere, start } of SERVERS) {
  const suiteName = `more calls than ${name} is asked at once`;
  const bound = suite<{ stage: FaultStage }>(suiteName);

  let started: Promise<FaultStage> | undefined;
  bound.before.each(async (context) => {
    started ??= startFaultStage(start, { max_outstanding: MOST });
    context.stage = await started;
  });
  bound.after(async () => (await started)?.close());

  bound(
    "wait for their turn, up to their deadline, and are then ResourceExhausted",
    async (context) => {
      const { server, proxy, doorman, key } = context.stage;
      const { rosters, rooms } = callers(doorman.url, key, 3_000);
      server.pause();
      proxy.takeSent();
      const contact = { jid: `too-many@${HOST}` };
      const calls = Array.from({ length: 40 }, (_, index) => {
        const userJid = userJidOf(index);
        if (index % 4 === 0) return rooms.listOccupants({ roomJid: `r${index}@${MUC_DOMAIN}` });
        if (index % 4 === 1) return rosters.setContact({ userJid, contact });
        return rosters.getRoster({ userJid });
      });
      const outcomes = await Promise.all(calls.map((call) => outcomeOf("call", call)));
      const stanzas = proxy.takeSent().match(/<(iq|presence)\b/g) ?? [];
      server.resume();
      const reasons = new Set(outcomes.map(({ ended }) => ended));
      assert.equal([...reasons].sort(), ["SERVER_NO_ANSWER", "TOO_MANY_CALLS"]);
      const unsure = outcomes.filter(isUnsure);
      assert.ok(unsure.length <= 2 * MOST, JSON.stringify(unsure));
      assert.ok(stanzas.length <= MOST + 1, `${stanzas.length} stanzas for ${MOST}, and a ping`);
      await doorman.untilReady();
      await untilAnswered(() => rosters.getRoster({ userJid: userJidOf(0) }));
    },
  );

  bound("are answered 429 where the call is JSON, and have changed nothing", async (context) => {
    const { server, doorman, key } = context.stage;
    const { rosters } = callers(doorman.url, key, 10_000);
    server.pause();
    const before = Array.from({ length: 2 * MOST }, (_, index) =>
      outcomeOf("get", rosters.getRoster({ userJid: userJidOf(index) })),
    );
    await sleep(300);
    const response = await doorman.fetch("/doorman.v1.RosterService/SetContact", {
      method: "POST",
      headers: {
        Authorization: `Bearer ${key}`,
        "Content-Type": "application/json",
        "Connect-Timeout-Ms": "1000",
      },
      body: JSON.stringify({ userJid: `michael@${HOST}`, contact: { jid: `late@${HOST}` } }),
    });
    assert.is(response.status, 429);
    const { code, message } = (await response.json()) as { code: string; message: string };
    assert.is(code, "resource_exhausted");
    assert.match(message, /was not begun/);
    await Promise.all(before);
    server.resume();
    await doorman.untilReady();
    await untilAnswered(() => rosters.getRoster({ userJid: `michael@${HOST}` }));
    const michael = await XmppUser.login(server, "michael");
    const jids = (await michael.roster()).map(({ jid }) => jid);
    await michael.close();
    assert.not.ok(jids.includes(`late@${HOST}`), String(jids));
  });

  bound(
    "wait for others about the same user, and say when they were not begun",
    async (context) => {
      const { server, doorman, key } = context.stage;
      const userJid = `aaron@${HOST}`;
      const contactOf = (index: number) => ({ jid: `turn${index}@${HOST}` });
      server.pause();
      const { rosters } = callers(doorman.url, key, 10_000);
      const first = outcomeOf("first", rosters.setContact({ userJid, contact: contactOf(0) }));
      await sleep(300);
      const hasty = callers(doorman.url, key, 2_000).rosters;
      const behind = await Promise.all(
        [
          hasty.setContact({ userJid, contact: contactOf(1) }),
          hasty.removeContact({ userJid, contactJid: contactOf(2).jid }),
          hasty.replaceRoster({ userJid, contacts: [contactOf(3)] }),
          hasty.setContact({ userJid, contact: contactOf(4) }),
        ].map((call) => outcomeOf("call", call)),
      );
      for (const { ended, message } of behind) {
        assert.is(ended, "SERVER_NO_ANSWER", message);
        assert.match(message, /^\[deadline_exceeded\] .*still under way: that was not begun$/);
      }
      assert.is((await first).ended, "SERVER_NO_ANSWER");
      server.resume();
      await doorman.untilReady();
      await untilAnswered(() => rosters.getRoster({ userJid }));
      const aaron = await XmppUser.login(server, "aaron");
      const jids = (await aaron.roster()).map(({ jid }) => jid);
      await aaron.close();
      for (const index of [1, 3, 4])
        assert.not.ok(jids.includes(contactOf(index).jid), String(jids));
    },
  );

  bound("are all done when the server answers in time", async (context) => {
    const { doorman, key } = context.stage;
    const { rosters } = callers(doorman.url, key, PATIENCE_MS);
    const calls = Array.from({ length: 200 }, (_, index) =>
      outcomeOf("get", rosters.getRoster({ userJid: userJidOf(index) })),
    );
    assert.equal(
      (await Promise.all(calls)).filter(({ ended }) => ended !== "OK"),
      [],
    );
  });

  if (isThere(suiteName)) bound.run();
}

/** Whether a call was, or may have been, sent. */
function isUnsure({ ended, message }: Outcome): boolean {
  return ended === "SERVER_NO_ANSWER" && !/not begun$/.test(message);
}

async function untilAnswered(call: () => Promise<unknown>): Promise<void> {
  await until(async () => (await outcomeOf("call", call())).ended === "OK", "answer");
}
