import { xml } from "@xmpp/client";
import * as assert from "uvu/assert";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { startEjabberdStage } from "./contract/ejabberd-stage.js";
import { startProsodyStage } from "./contract/prosody-stage.js";
import { HOST, type Stage } from "./contract/stage.js";
import { DEBIAN_RELEASES } from "./support/debian-release.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";
import type { XmppUser } from "./support/xmpp-user.js";

const JOHN = `john@${HOST}`;
const MARIE = `marie@${HOST}`;
const BOB = `bob@${HOST}`;

type UserStage = Stage & { user(username: string): Promise<XmppUser> };

const owned = suite<{ stage: UserStage | undefined }>(
  "clients cannot edit a roster that an app owns",
);

owned.after.each(async (context) => {
  await context.stage?.close().catch(() => {});
  context.stage = undefined;
});

for (const release of DEBIAN_RELEASES) {
  const prosody = `Debian ${release}'s Prosody with mod_app_owned_rosters`;
  if (prosodyIsThere(`clients cannot edit a roster that an app owns: ${prosody}`, release)) {
    owned(prosody, async (context) => {
      context.stage = await startProsodyStage({ release, modules: ["app_owned_rosters"] });
      await assertOwned(context.stage);
    });
  }
  const ejabberd = `Debian ${release}'s ejabberd with mod_roster: access: none`;
  if (!ejabberdIsThere(`clients cannot edit a roster that an app owns: ${ejabberd}`, release))
    continue;
  owned(ejabberd, async (context) => {
    context.stage = await startEjabberdStage({
      release,
      alterStock: (yml) => yml.replace("mod_roster: {}", "mod_roster: { access: none }"),
    });
    await assertOwned(context.stage);
  });
}
owned.run();

async function assertOwned(stage: UserStage): Promise<void> {
  const rosters = stage.doorman.client(RosterService, stage.key);
  await rosters.replaceRoster({ userJid: JOHN, contacts: [{ jid: MARIE, name: "Marie" }] });
  const john = await stage.user("john");
  const before = await john.roster();
  const items = [
    xml("item", { jid: BOB, name: "Bob" }),
    xml("item", { jid: MARIE, name: "Mary" }),
    xml("item", { jid: MARIE, subscription: "remove" }),
  ];
  for (const item of items) {
    const query = xml("query", { xmlns: "jabber:iq:roster" }, item);
    const error = await john.request("set", undefined, query).catch((thrown: unknown) => thrown);
    assert.match(String(error), "not-allowed");
  }
  const bob = await stage.user("bob");
  await bob.roster();
  for (const [type, to] of [
    ["subscribe", BOB],
    ["unsubscribe", MARIE],
    ["unsubscribed", MARIE],
  ] as const) {
    await john.send(xml("presence", { type, to }));
  }
  await bob.send(xml("presence", { type: "subscribe", to: JOHN }));
  // After those: a server handles what a client sends in its order.
  assert.equal(await bob.roster(), []);
  assert.equal(await john.roster(), before);
  john.forget();
  await rosters.setContact({ userJid: JOHN, contact: { jid: BOB, name: "Robert" } });
  const push = await john.nextRosterPush();
  assert.equal([push.jid, push.name, push.subscription], [BOB, "Robert", "both"]);
}
