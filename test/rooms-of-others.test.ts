import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { fillRoom } from "./contract/fill-room.js";
import { type ProsodyStage, startProsodyStage } from "./contract/prosody-stage.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const BOB = `bob@${HOST}`;

interface Context {
  stage: ProsodyStage;
  roomJid: string;
}

let sharedStage: Promise<ProsodyStage> | undefined;
let rooms = 0;

const others = suite<Context>("rooms that Doorman does not own and cannot come to own");

others.before.each(async (context) => {
  // No administrator of the rooms' domain.
  const alter = (doormanCfg: string) =>
    doormanCfg.replaceAll(/(\nComponent [^\n]*\n(?:\t--[^\n]*\n)*)\tadmins = [^\n]*/g, "$1");
  sharedStage ??= startProsodyStage({ alter });
  context.stage = await sharedStage;
  context.roomJid = `foreign${++rooms}@${MUC_DOMAIN}`;
  await fillRoom(context.stage, context.roomJid);
});
others.after(async () => (await sharedStage)?.close());

others("a kick by JID says that the JIDs are hidden, not that nobody is there", async (context) => {
  const { stage, roomJid } = context;
  const client = stage.doorman.client(RoomService, stage.key);
  const call = client.kickOccupant({ roomJid, userJid: BOB });
  await rejects(call, Code.FailedPrecondition, ErrorReason.OCCUPANT_JIDS_HIDDEN);
  assert.equal((await stage.nicknames(roomJid)).sort(), ["Alice", "Bob"]);
});

others("a kick by nickname and a kick out of all rooms are refused", async (context) => {
  const { stage, roomJid } = context;
  const client = stage.doorman.client(RoomService, stage.key);
  const kick = client.kickOccupant({ roomJid, nickname: "Bob" });
  await rejects(kick, Code.FailedPrecondition, ErrorReason.SERVER_REFUSED);
  const all = client.kickUser({ userJid: BOB, mucDomain: MUC_DOMAIN });
  await rejects(all, Code.PermissionDenied, ErrorReason.SERVER_REFUSED);
  assert.equal((await stage.nicknames(roomJid)).sort(), ["Alice", "Bob"]);
});

others("affiliations are refused", async ({ stage, roomJid }) => {
  const client = stage.doorman.client(RoomService, stage.key);
  const change = { roomJid, userJid: BOB, affiliation: Affiliation.MEMBER };
  const made = client.setAffiliation(change);
  await rejects(made, Code.PermissionDenied, ErrorReason.SERVER_REFUSED);
  const banned = client.setAffiliation({ ...change, affiliation: Affiliation.OUTCAST });
  await rejects(banned, Code.FailedPrecondition, ErrorReason.OCCUPANT_JIDS_HIDDEN);
  const list = client.listAffiliations({ roomJid });
  await rejects(list, Code.PermissionDenied, ErrorReason.SERVER_REFUSED);
  assert.equal((await stage.nicknames(roomJid)).sort(), ["Alice", "Bob"]);
});

others("who is there is listed without JIDs", async ({ stage, roomJid }) => {
  const client = stage.doorman.client(RoomService, stage.key);
  const { occupants } = await client.listOccupants({ roomJid });
  assert.equal(
    occupants.map(({ nickname, userJid }) => [nickname, userJid]),
    [
      ["Alice", ""],
      ["Bob", ""],
    ],
  );
});

if (prosodyIsThere("rooms that Doorman does not own and cannot come to own")) others.run();
