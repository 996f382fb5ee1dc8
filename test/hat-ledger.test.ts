import { Code } from "@connectrpc/connect";
import { xml } from "@xmpp/client";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { fillRoom } from "./contract/fill-room.js";
import { type ProsodyStage, startProsodyStage } from "./contract/prosody-stage.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const SUITE = "Prosody: hats that have gone";
const BOB = `bob@${HOST}`;
const ROOM = `room@${MUC_DOMAIN}`;
const hats = { "urn:hat:shown": { active: true, title: "Shown" }, "urn:hat:kept": {} };

const ledger = suite<{ stage: ProsodyStage }>(SUITE);

ledger.before.each(async (context) => {
  context.stage = await startProsodyStage({}, { nickname: "Usher" });
  await fillRoom(context.stage, ROOM, Affiliation.MEMBER);
});
ledger.after.each(async ({ stage }) => {
  await stage?.close().catch(() => {});
});

ledger("go with the affiliation, and do not come back with it", async ({ stage }) => {
  const client = stage.doorman.client(HatService, stage.key);
  const wearer = { userJid: BOB, roomJid: ROOM };
  await client.setUserHats({ ...wearer, hats });
  assert.equal(
    Object.keys((await client.getUserHats(wearer)).hats).sort(),
    Object.keys(hats).sort(),
  );
  const alice = await stage.user("alice");
  await alice.grantAffiliation(ROOM, BOB, "none");
  const call = client.getUserHats(wearer);
  await rejects(call, Code.NotFound, ErrorReason.USER_NOT_AFFILIATED);
  await alice.grantAffiliation(ROOM, BOB, "member");
  assert.equal((await client.getUserHats(wearer)).hats, {});
});

ledger("go with the room, for everybody in it", async ({ stage }) => {
  const client = stage.doorman.client(HatService, stage.key);
  const wearers = [BOB, `alice@${HOST}`].map((userJid) => ({ userJid, roomJid: ROOM }));
  for (const wearer of wearers) await client.setUserHats({ ...wearer, hats });
  const alice = await stage.user("alice");
  const destroy = xml("query", { xmlns: "http://jabber.org/protocol/muc#owner" }, xml("destroy"));
  await alice.request("set", ROOM, destroy);
  const call = client.getUserHats({ userJid: BOB, roomJid: ROOM });
  await rejects(call, Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
  await alice.joinRoom(ROOM, "Alice");
  await alice.grantAffiliation(ROOM, BOB, "member");
  for (const wearer of wearers) assert.equal((await client.getUserHats(wearer)).hats, {});
});

ledger("Doorman visits a room under the nickname of its configuration", async ({ stage }) => {
  const alice = await stage.user("alice");
  alice.forget();
  await stage.doorman.client(RoomService, stage.key).listOccupants({ roomJid: ROOM });
  // Bob's own joining may still be on its way to her.
  const joined = await alice.nextStanza(
    (stanza) => stanza.is("presence") && stanza.getAttr("from") !== `${ROOM}/Bob`,
  );
  assert.is(joined.getAttr("from"), `${ROOM}/Usher`);
});

if (prosodyIsThere(SUITE)) ledger.run();
