import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { fillRoom } from "./contract/fill-room.js";
import { type ProsodyStage, startProsodyStage } from "./contract/prosody-stage.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { TestDoorman } from "./support/doorman.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const SUITE = "Prosody: hats are read back in presence";
const ALICE = `alice@${HOST}`;
const BOB = `bob@${HOST}`;
const ROOM = `room@${MUC_DOMAIN}`;
const GIVES_HATS = "muc_hats_adhoc_for_tests";
const HAT = "urn:hat:host";
const attachment = { active: true, title: "Host" };
const bob = { userJid: BOB, roomJid: ROOM };

const hats = suite<{ stage: ProsodyStage | undefined }>(SUITE);

hats.after.each(async (context) => {
  await context.stage?.close().catch(() => {});
  context.stage = undefined;
});

hats("a hat that the server accepts and does not show is no OK, and is named", async (context) => {
  const stage = await startProsodyStage({ mucModules: [GIVES_HATS, "muc_hides_hats_for_tests"] });
  context.stage = stage;
  await fillRoom(stage, ROOM, Affiliation.MEMBER);
  const client = stage.doorman.client(HatService, stage.key);
  const calls = [
    client.addUserHat({ ...bob, hatId: HAT, attachment }),
    client.setUserHats({ userJid: ALICE, roomJid: ROOM, hats: { [HAT]: attachment } }),
  ];
  for (const call of calls) {
    const { metadata } = await rejects(call, Code.Aborted, ErrorReason.CHANGE_NOT_APPLIED);
    assert.is(metadata.hat_id, HAT);
  }
  // Nor does it show afterwards.
  assert.equal((await client.getUserHats(bob)).hats, {});
  assert.equal((await client.listRoomHats({ roomJid: ROOM })).users, []);
});

hats("who is not in the room gets hats all the same", async (context) => {
  const stage = await startProsodyStage({ mucModules: [GIVES_HATS, "muc_hides_hats_for_tests"] });
  context.stage = stage;
  await fillRoom(stage, ROOM, Affiliation.MEMBER);
  await (await stage.user("bob")).leave(ROOM, "Bob");
  const client = stage.doorman.client(HatService, stage.key);
  await client.setUserHats({ ...bob, hats: { [HAT]: attachment } });
  assert.equal(Object.keys((await client.getUserHats(bob)).hats), [HAT]);
});

hats("in a room that does not let Doorman in the server's word is taken", async (context) => {
  const keepsOut = "muc_keeps_doorman_out_for_tests";
  const stage = await startProsodyStage({ mucModules: [GIVES_HATS, keepsOut] });
  context.stage = stage;
  await fillRoom(stage, ROOM, Affiliation.MEMBER);
  const client = stage.doorman.client(HatService, stage.key);
  await client.addUserHat({ ...bob, hatId: HAT, attachment });
  assert.equal(await stage.shownHats(ROOM, "Bob"), new Map([[HAT, "Host"]]));
  await client.setUserHats({ ...bob, hats: {} });
  assert.is((await stage.shownHats(ROOM, "Bob")).size, 0);
});

hats("SetUserHats takes away what somebody else gave, where it can be seen", async (context) => {
  const stage = await startProsodyStage();
  context.stage = stage;
  await fillRoom(stage, ROOM, Affiliation.MEMBER);
  // A second Doorman, whose ledger the first does not know.
  const other = await startSecondDoorman(stage);
  try {
    const others = other.doorman.client(HatService, other.key);
    await others.addUserHat({ ...bob, hatId: "urn:hat:other", attachment });
    const client = stage.doorman.client(HatService, stage.key);
    await client.setUserHats({ ...bob, hats: { [HAT]: attachment } });
    assert.equal(await stage.shownHats(ROOM, "Bob"), new Map([[HAT, "Host"]]));
  } finally {
    await other.doorman.close();
  }
});

hats("without mod_muc_hats_adhoc the error says where to load it", async (context) => {
  const stage = await startProsodyStage({ mucModules: [] });
  context.stage = stage;
  await fillRoom(stage, ROOM, Affiliation.MEMBER);
  const client = stage.doorman.client(HatService, stage.key);
  const call = () => client.addUserHat({ ...bob, hatId: HAT, attachment });
  await rejects(call(), Code.Unimplemented, ErrorReason.SERVER_LACKS_FEATURE);
  assert.match(String(await call().catch(String)), `Component "${MUC_DOMAIN}"`);
});

if (prosodyIsThere(SUITE)) hats.run();

async function startSecondDoorman({ prosody }: ProsodyStage) {
  const doorman = await TestDoorman.start({
    hosts: { [HOST]: {} },
    xmpp: { service: prosody.service, jid: prosody.adminJid, nickname: "Usher" },
  });
  await doorman.untilReady();
  return { doorman, key: await doorman.createKey(HOST) };
}
