import { xml } from "@xmpp/client";
import * as assert from "uvu/assert";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { fillRoom } from "./contract/fill-room.js";
import { type ProsodyStage, startProsodyStage } from "./contract/prosody-stage.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { until } from "./support/patience.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";

const DOORMAN = `doorman@${HOST}`;

interface Context {
  stage: ProsodyStage;
  roomJid: string;
}

let sharedStage: Promise<ProsodyStage> | undefined;
let rooms = 0;

const returning = suite<Context>("ownership that was gained for a call");

returning.before.each(async (context) => {
  const mucModules = ["muc_hats_adhoc_for_tests", "muc_mishaps_for_tests"];
  const settings = { return_ownership: true, room_stay: "1s" };
  sharedStage ??= startProsodyStage({ adminsOwnRooms: false, mucModules }, settings);
  context.stage = await sharedStage;
  context.roomJid = `owned${++rooms}@${MUC_DOMAIN}`;
});
returning.after(async () => (await sharedStage)?.close());

for (const formerly of ["none", "member", "admin"]) {
  returning(`is given back after a kick: ${formerly} is ${formerly} again`, async (context) => {
    const { stage, roomJid } = context;
    await fillRoom(stage, roomJid);
    const alice = await stage.user("alice");
    await alice.grantAffiliation(roomJid, DOORMAN, formerly);
    await stage.doorman.client(RoomService, stage.key).kickOccupant({ roomJid, nickname: "Bob" });
    assert.equal(await stage.nicknames(roomJid), ["Alice"]);
    await untilDoormanIs(context, formerly);
  });
}

returning("is given back in a room whose members see the lists of owners", async (context) => {
  const { stage, roomJid } = context;
  await fillRoom(stage, roomJid, Affiliation.MEMBER);
  const alice = await stage.user("alice");
  await alice.grantAffiliation(roomJid, DOORMAN, "member");
  await alice.configureRoom(roomJid, { membersonly: "1", whois: "anyone" });
  const client = stage.doorman.client(RoomService, stage.key);
  await client.kickOccupant({ roomJid, nickname: "Bob" });
  await untilDoormanIs(context, "member");
});

returning(
  "is kept where the server does not take it back, and the log says so",
  async (context) => {
    const { stage, roomJid } = context;
    await fillRoom(stage, roomJid);
    const alice = await stage.user("alice");
    await alice.send(
      xml("message", { to: roomJid, type: "groupchat" }, xml("body", {}, "keep owners")),
    );
    await alice.nextStanza((one) => one.getChildText("body") === "keep owners");
    const client = stage.doorman.client(RoomService, stage.key);
    await client.kickOccupant({ roomJid, nickname: "Bob" });
    await until(() => complaint(context) !== undefined, "complaint in the log");
    assert.match(complaint(context) ?? "", '"level":40');
    await untilDoormanIs(context, "owner");
  },
);

returning("is given back once hats are given", async (context) => {
  const { stage, roomJid } = context;
  await fillRoom(stage, roomJid, Affiliation.MEMBER);
  const hats = stage.doorman.client(HatService, stage.key);
  const attachment = { active: true, title: "Host" };
  const hat = { userJid: `bob@${HOST}`, roomJid, hatId: "https://example.com/host", attachment };
  await hats.addUserHat(hat);
  assert.is((await stage.shownHats(roomJid, "Bob")).size, 1);
  await untilDoormanIs(context, "none");
});

returning("is given back after many calls at once, all of which succeed", async (context) => {
  const { stage, roomJid } = context;
  await fillRoom(stage, roomJid, Affiliation.MEMBER);
  const hats = stage.doorman.client(HatService, stage.key);
  const list = stage.doorman.client(RoomService, stage.key);
  for (let round = 0; round < 5; round++) {
    await Promise.all([
      list.listOccupants({ roomJid }),
      ...Array.from({ length: 5 }, () => hats.getUserHats({ userJid: `bob@${HOST}`, roomJid })),
    ]);
  }
  await untilDoormanIs(context, "none");
});

returning("is kept where Doorman was an owner before", async (context) => {
  const { stage, roomJid } = context;
  await fillRoom(stage, roomJid);
  const alice = await stage.user("alice");
  await alice.grantAffiliation(roomJid, DOORMAN, "owner");
  const client = stage.doorman.client(RoomService, stage.key);
  await client.kickOccupant({ roomJid, nickname: "Bob" });
  // The second call begins when the first has left nothing behind.
  await client.listOccupants({ roomJid });
  await untilDoormanIs(context, "owner");
});

returning("is not missed when the room is gone before it is given back", async (context) => {
  const { stage, roomJid } = context;
  const owner = { roomJid, nickname: "Alice", username: "alice", affiliation: Affiliation.OWNER };
  await stage.putOccupant(owner);
  // A room that nobody is in any more is gone.
  const client = stage.doorman.client(RoomService, stage.key);
  await client.kickOccupant({ roomJid, nickname: "Alice" });
  await stage.putOccupant({ ...owner, roomJid: `other-${roomJid}` });
  await client.listOccupants({ roomJid: `other-${roomJid}` });
  assert.is(complaint(context), undefined);
});

if (prosodyIsThere("ownership that was gained for a call")) returning.run();

/** Answers the line of the log that says of this room that it was not given back. */
function complaint({ stage, roomJid }: Context): string | undefined {
  const lines = stage.doorman.log.split("\n");
  return lines.find((line) => line.includes(`"${roomJid}"`) && line.includes("stays an owner"));
}

/** Waits, for 10 s at the most, until Alice's list says so: it is given back after the answer. */
async function untilDoormanIs({ stage, roomJid }: Context, affiliation: string): Promise<void> {
  const alice = await stage.user("alice");
  await until(async () => {
    let found = "none";
    for (const listed of ["owner", "admin", "member"]) {
      if ((await alice.affiliated(roomJid, listed)).includes(DOORMAN)) found = listed;
    }
    return found === affiliation;
  }, `Doorman as ${affiliation}`);
}
