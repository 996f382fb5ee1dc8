import * as assert from "uvu/assert";
import { callers, outcomeOf } from "../faults/calls.js";
import { type FaultStage, HOST, startFaultStage } from "../faults/fault-stage.js";
import type { DebianRelease } from "../support/debian-release.js";
import { startEjabberd } from "../support/ejabberd.js";
import { ejabberdIsThere } from "../support/ejabberd-is-there.js";
import { PATIENCE_MS } from "../support/patience.js";
import { suite } from "../support/suite.js";
import { XmppUser } from "../support/xmpp-user.js";

const USERNAMES = ["john", "aaron", "marie", "michael", "alice", "bob"];
const DEADLINE_MS = 2_000;

const SERVERS: readonly [server: string, DebianRelease][] = [
  ["ejabberd 23.01", "12"],
  ["ejabberd 24.12", "13"],
];

for (const [server, release] of SERVERS) {
  const suiteName = `an API of ${server} that takes requests and is silent`;
  const silent = suite<{ stage: FaultStage }>(suiteName);

  silent.before.each(async (context) => {
    context.stage = await startFaultStage(() => startEjabberd({ release }));
  });
  silent.after.each(async ({ stage }) => {
    await stage?.close().catch(() => {});
  });

  silent(
    "ends each call with a reason in its time, and is used again when it answers",
    async (context) => {
      const { stage } = context;
      const { server, doorman, key } = stage;
      const { rosters } = callers(doorman.url, key, DEADLINE_MS);
      const contact = { jid: `lost@${HOST}` };
      stage.apiProxy?.deafen();
      const calls = USERNAMES.flatMap((username) => {
        const userJid = `${username}@${HOST}`;
        return [
          rosters.getRoster({ userJid }),
          rosters.setContact({ userJid, contact }),
          rosters.removeContact({ userJid, contactJid: contact.jid }),
          rosters.replaceRoster({ userJid, contacts: [contact] }),
        ];
      });
      const outcomes = await Promise.all(calls.map((call) => outcomeOf("call", call)));
      const reasons = new Set(outcomes.map(({ ended }) => ended));
      assert.equal([...reasons].sort(), ["SERVER_NO_ANSWER", "TOO_MANY_CALLS"]);
      // The connection that stanzas go over is another one.
      assert.is((await doorman.fetch("/readyz")).status, 200);

      stage.apiProxy?.hear();
      // What was asked keeps its place for ten seconds.
      const patient = callers(doorman.url, key, PATIENCE_MS).rosters;
      await patient.setContact({ userJid: `john@${HOST}`, contact: { jid: `found@${HOST}` } });
      for (const username of USERNAMES) {
        const user = await XmppUser.login(server, username);
        const jids = (await user.roster()).map(({ jid }) => jid);
        await user.close();
        assert.equal(jids, username === "john" ? [`found@${HOST}`] : [], username);
      }
    },
  );

  if (ejabberdIsThere(suiteName, release)) silent.run();
}
