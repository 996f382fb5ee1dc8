import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { type ProsodyStage, startProsodyStage } from "./contract/prosody-stage.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { until } from "./support/patience.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { registerInBand } from "./support/register-in-band.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";
import { XmppUser } from "./support/xmpp-user.js";

const MUC_USER = "http://jabber.org/protocol/muc#user";

let sharedStage: Promise<ProsodyStage> | undefined;
let rooms = 0;

const effects = suite<{ stage: ProsodyStage; roomJid: string }>(
  "Prosody: what the users' clients see",
);

effects.before.each(async (context) => {
  sharedStage ??= startProsodyStage({}, { room_stay: "0s" });
  context.stage = await sharedStage;
  context.roomJid = `effects${++rooms}@${MUC_DOMAIN}`;
});
effects.after(async () => (await sharedStage)?.close());

effects(
  "the documented curl call kicks Bob, who receives status 307 and the reason",
  async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid);
    const bob = await stage.user("bob");
    bob.forget();
    const response = await stage.doorman.fetch("/muc_kick", {
      method: "POST",
      headers: { Authorization: `Bearer ${stage.key}` },
      body: JSON.stringify({ nickname: "Bob", muc: roomJid, reason: "Too loud" }),
    });
    assert.is(response.status, 200);
    assert.is(await response.text(), "");
    const kicked = await bob.nextStanza(
      (stanza) => stanza.is("presence") && stanza.getAttr("from") === `${roomJid}/Bob`,
    );
    assert.is(kicked.getAttr("type"), "unavailable");
    const x = kicked.getChild("x", MUC_USER);
    assert.ok(x?.getChildren("status").some((status) => status.getAttr("code") === "307"));
    assert.is(x?.getChild("item")?.getChildText("reason"), "Too loud");
  },
);

effects("the documented errors of /muc_kick are Prosody's own", async ({ stage, roomJid }) => {
  await fillRoom(stage, roomJid);
  const kick = async (muc: string, nickname: string) => {
    const response = await stage.doorman.fetch("/muc_kick", {
      method: "POST",
      headers: { Authorization: `Bearer ${stage.key}` },
      body: JSON.stringify({ nickname, muc }),
    });
    return [response.status, await response.json()];
  };
  assert.equal(await kick(roomJid, "Nobody"), [
    400,
    { error: "Couldn't kick user: modify: item-not-found" },
  ]);
  assert.equal(await kick(`no-such-room@${MUC_DOMAIN}`, "Bob"), [
    404,
    { error: `MUC not found: No MUC 'no-such-room' found for host: ${MUC_DOMAIN}` },
  ]);
  assert.equal(await kick("room@nohost", "Bob"), [
    404,
    { error: "MUC not found: No such host: nohost" },
  ]);
  assert.equal(await kick(`room@${HOST}`, "Bob"), [
    404,
    { error: `MUC not found: Host '${HOST}' is not a MUC service` },
  ]);
});

effects(
  "a kick does not leave Doorman in the room, where it is not to stay",
  async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid);
    const alice = await stage.user("alice");
    alice.forget();
    await stage.doorman.client(RoomService, stage.key).kickOccupant({ roomJid, nickname: "Bob" });
    const left = await alice.nextStanza(
      (stanza) =>
        stanza.is("presence") &&
        stanza.getAttr("type") === "unavailable" &&
        stanza.getAttr("from") !== `${roomJid}/Bob`,
    );
    assert.is(left.getAttr("from"), `${roomJid}/Doorman`);
    assert.equal(await stage.nicknames(roomJid), ["Alice"]);
  },
);

effects(
  "a renamed contact arrives as a roster push, and so does a removed one",
  async ({ stage }) => {
    const john = await stage.user("john");
    const rosters = stage.doorman.client(RosterService, stage.key);
    const marie = `marie@${HOST}`;
    await rosters.replaceRoster({
      userJid: `john@${HOST}`,
      contacts: [{ jid: marie, name: "Marie" }],
    });
    await john.roster();
    john.forget();
    stage.contactsApp.rosters.set("john", { [marie]: { name: "Mary" } });
    await rosters.refreshRosters({ usernames: ["john"] });
    const renamed = await john.nextRosterPush();
    assert.equal([renamed.jid, renamed.name, renamed.subscription], [marie, "Mary", "both"]);
    stage.contactsApp.rosters.set("john", {});
    await rosters.refreshRosters({ usernames: ["john"] });
    const removed = await john.nextRosterPush();
    assert.equal([removed.jid, removed.subscription], [marie, "remove"]);
  },
);

effects("an offline user's roster is refreshed for real", async ({ stage }) => {
  stage.contactsApp.rosters.set("michael", { [`marie@${HOST}`]: { name: "Marie" } });
  const response = await stage.doorman.fetch("/roster_admin/refresh/michael", {
    headers: { Authorization: `Bearer ${stage.key}` },
  });
  assert.equal(await response.json(), { status: "ok", message: "roster update complete" });
  assert.is((await stage.contacts("michael"))[0]?.name, "Marie");
});

effects("the invite of /invites_api registers an account in-band, once", async ({ stage }) => {
  const response = await stage.doorman.fetch("/invites_api", {
    headers: { Authorization: `Bearer ${stage.key}` },
  });
  assert.is(response.status, 201);
  const location = response.headers.get("Location") ?? "";
  const token = location.split("?")[1] ?? "";
  assert.is(location, `${stage.doorman.url}/invite?${token}`);
  const page = await (await fetch(location)).text();
  assert.match(page, `xmpp:${HOST}?register;preauth=${token}`);
  const first = await registerInBand(stage.prosody, token, "carol", "a-long-password");
  assert.equal(first, { ok: true });
  const carol = await XmppUser.login(stage.prosody, "carol", "a-long-password");
  await carol.close();
  const second = await registerInBand(stage.prosody, token, "dave", "a-long-password");
  assert.is(second.ok, false);
});

effects("a hat shows in presence, with its title", async ({ stage, roomJid }) => {
  await fillRoom(stage, roomJid);
  const hatId = "http://example.com/hats/foo";
  const attachment = { active: true, required: true, title: "Awesome" };
  const hats = stage.doorman.client(HatService, stage.key);
  await hats.addUserHat({ userJid: `bob@${HOST}`, roomJid, hatId, attachment });
  assert.equal(await stage.shownHats(roomJid, "Bob"), new Map([[hatId, "Awesome"]]));
});

if (prosodyIsThere("Prosody: what the users' clients see")) effects.run();

const faults = suite<{ stage: ProsodyStage }>("Prosody: when it is away");

faults.before.each(async (context) => {
  context.stage = await startProsodyStage();
});
faults.after.each(async ({ stage }) => {
  await stage.close().catch(() => {});
});

faults(
  "calls fail fast with Unavailable, documented ones with 503, and work resumes by itself",
  async ({ stage }) => {
    const { doorman, key } = stage;
    await stage.prosody.halt();
    const rosters = doorman.client(RosterService, key);
    // The connection notices at its own pace; from then on every call says so at once.
    await untilNotReady(stage);
    await rejects(
      rosters.getRoster({ userJid: `john@${HOST}` }),
      Code.Unavailable,
      ErrorReason.SERVER_UNAVAILABLE,
    );
    await rejects(
      doorman.client(InviteService, key).createInvite({}),
      Code.Unavailable,
      ErrorReason.SERVER_UNAVAILABLE,
    );
    const headers = { Authorization: `Bearer ${key}` };
    const kick = JSON.stringify({ nickname: "Bob", muc: `room@${MUC_DOMAIN}` });
    const calls = {
      "/invites_api": { headers },
      "/muc_kick": { method: "POST", headers, body: kick },
      "/roster_admin/refresh": { method: "POST", headers, body: '["john"]' },
    };
    for (const [path, init] of Object.entries(calls)) {
      const response = await doorman.fetch(path, init);
      assert.is(response.status, 503, path);
      assert.type(((await response.json()) as { error: string }).error, "string");
    }
    await stage.prosody.restart();
    await doorman.untilReady();
    const { contacts } = await rosters.getRoster({ userJid: `john@${HOST}` });
    assert.equal(contacts, []);
  },
);

faults(
  "a call to a Prosody that is silent ends at its deadline, as DeadlineExceeded",
  async ({ stage }) => {
    const { doorman, key } = stage;
    stage.prosody.pause();
    // Not by a client that would stop waiting by itself: what Doorman answers is the question.
    const response = await doorman.fetch("/doorman.v1.RosterService/GetRoster", {
      method: "POST",
      headers: {
        Authorization: `Bearer ${key}`,
        "Content-Type": "application/json",
        "Connect-Timeout-Ms": "300",
      },
      body: JSON.stringify({ userJid: `john@${HOST}` }),
    });
    assert.is(response.status, 504);
    const { code, details } = (await response.json()) as {
      code: string;
      details: [{ debug: { reason: string } }];
    };
    assert.is(code, "deadline_exceeded");
    assert.is(details[0].debug.reason, "ERROR_REASON_SERVER_NO_ANSWER");
  },
);

if (prosodyIsThere("Prosody: when it is away")) faults.run();

/** Puts Alice in the room as its owner, and Bob as a member. */
async function fillRoom(stage: ProsodyStage, roomJid: string): Promise<void> {
  const owner = { roomJid, nickname: "Alice", username: "alice", affiliation: Affiliation.OWNER };
  await stage.putOccupant(owner);
  const member = { roomJid, nickname: "Bob", username: "bob", affiliation: Affiliation.MEMBER };
  await stage.putOccupant(member);
}

async function untilNotReady(stage: ProsodyStage): Promise<void> {
  const isAway = async () => (await stage.doorman.fetch("/readyz")).status === 503;
  await until(isAway, "word that Prosody is gone");
}
