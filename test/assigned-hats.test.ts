import { Code } from "@connectrpc/connect";
import { xml } from "@xmpp/client";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { fillRoom } from "./contract/fill-room.js";
import { addHatCases } from "./contract/hat-cases.js";
import { type ProsodyStage, startProsodyStage } from "./contract/prosody-stage.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

// No ejabberd with these commands is packaged, so that a Prosody answers them as one would.
const SUITE = "hats by XEP-0317 0.3, as ejabberd 26 has them";
const ALICE = `alice@${HOST}`;
const BOB = `bob@${HOST}`;

interface Context {
  stage: ProsodyStage;
  roomJid: string;
}

const assigned = suite<Context>(SUITE);
let started: Promise<ProsodyStage> | undefined;
let rooms = 0;

assigned.before.each(async (context) => {
  started ??= startProsodyStage({ mucModules: ["muc_assigned_hats_for_tests"] });
  context.stage = await started;
  context.roomJid = `room${++rooms}@${MUC_DOMAIN}`;
});
assigned.after(async () => (await started)?.close());

addHatCases((name, play) => assigned(name, play));

assigned(
  "a title is the room's: a new one is everybody's, and the colour stays",
  async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid, Affiliation.MEMBER);
    const client = stage.doorman.client(HatService, stage.key);
    const hatId = "urn:hat:host";
    await command(stage, roomJid, "create", {
      "hats#uri": hatId,
      "hats#title": "Host",
      "hats#hue": "120",
    });
    await client.addUserHat({ userJid: BOB, roomJid, hatId, attachment: { active: true } });
    assert.equal(await stage.shownHats(roomJid, "Bob"), new Map([[hatId, "Host"]]));
    const attachment = { active: true, title: "Hostess" };
    await client.addUserHat({ userJid: ALICE, roomJid, hatId, attachment });
    for (const nickname of ["Alice", "Bob"]) {
      assert.equal(await stage.shownHats(roomJid, nickname), new Map([[hatId, "Hostess"]]));
    }
    const list = await command(stage, roomJid, "list");
    assert.match(list, `<value>120</value>`);
  },
);

assigned("what somebody else gives and takes is known at once", async ({ stage, roomJid }) => {
  await fillRoom(stage, roomJid, Affiliation.MEMBER);
  const client = stage.doorman.client(HatService, stage.key);
  const hatId = "urn:hat:guest";
  await command(stage, roomJid, "create", { "hats#uri": hatId, "hats#title": "Guest" });
  await command(stage, roomJid, "assign", { "hats#jid": BOB, hat: hatId });
  const { hats } = await client.getUserHats({ userJid: BOB, roomJid });
  assert.equal([hats[hatId]?.active, hats[hatId]?.title], [true, "Guest"]);
  await command(stage, roomJid, "unassign", { "hats#jid": BOB, hat: hatId });
  assert.equal((await client.getUserHats({ userJid: BOB, roomJid })).hats, {});
});

assigned("an eleventh hat is refused by its name", async ({ stage, roomJid }) => {
  await fillRoom(stage, roomJid, Affiliation.MEMBER);
  const client = stage.doorman.client(HatService, stage.key);
  const attachment = { active: true, title: "One of many" };
  const ids = Array.from({ length: 10 }, (_, index) => `urn:hat:${index}`);
  const hats = Object.fromEntries(ids.map((id) => [id, attachment]));
  await client.setUserHats({ userJid: BOB, roomJid, hats });
  const call = client.addUserHat({ userJid: BOB, roomJid, hatId: "urn:hat:x", attachment });
  await rejects(call, Code.FailedPrecondition, ErrorReason.HAT_LIMIT_REACHED);
  const answer = await client.getUserHats({ userJid: BOB, roomJid });
  assert.equal(Object.keys(answer.hats).sort(), ids);
});

assigned("what was defined for a hat that is refused is taken back", async (context) => {
  const { stage, roomJid } = context;
  await fillRoom(stage, roomJid, Affiliation.MEMBER);
  const client = stage.doorman.client(HatService, stage.key);
  const ids = Array.from({ length: 10 }, (_, index) => `urn:hat:${index}`);
  const hats = Object.fromEntries(ids.map((id) => [id, { active: true, title: "One of many" }]));
  await client.setUserHats({ userJid: BOB, roomJid, hats });
  const old = "urn:hat:old";
  await command(stage, roomJid, "create", {
    "hats#uri": old,
    "hats#title": "Old",
    "hats#hue": "120",
  });
  const before = valuesOf(await command(stage, roomJid, "list"));
  for (const hatId of ["urn:hat:new", old]) {
    const attachment = { active: true, title: "New" };
    const call = client.addUserHat({ userJid: BOB, roomJid, hatId, attachment });
    await rejects(call, Code.FailedPrecondition, ErrorReason.HAT_LIMIT_REACHED);
  }
  assert.equal(valuesOf(await command(stage, roomJid, "list")), before);
});

if (prosodyIsThere(SUITE)) assigned.run();

/** Runs a command as the room's owner, in one step, and answers what came back. */
async function command(
  stage: ProsodyStage,
  roomJid: string,
  name: string,
  values?: Record<string, string>,
): Promise<string> {
  const fields = Object.entries(values ?? {}).map(([field, value]) =>
    xml("field", { var: field }, xml("value", {}, value)),
  );
  const form = xml("x", { xmlns: "jabber:x:data", type: "submit" }, ...fields);
  const action = values === undefined ? "execute" : "complete";
  const node = `urn:xmpp:hats:commands:${name}`;
  const xmlns = "http://jabber.org/protocol/commands";
  const payload = xml("command", { xmlns, node, action }, ...(values === undefined ? [] : [form]));
  return String(await (await stage.user("alice")).request("set", roomJid, payload));
}

/** Reads all values of a list, in an order of their own. */
function valuesOf(list: string): string[] {
  return [...list.matchAll(/<value>([^<]*)</g)].map(([, value]) => value ?? "").sort();
}
