import { Code } from "@connectrpc/connect";
import { xml } from "@xmpp/client";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { fillRoom } from "./contract/fill-room.js";
import { type ProsodyStage, startProsodyStage } from "./contract/prosody-stage.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { until } from "./support/patience.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";
import type { XmppUser } from "./support/xmpp-user.js";

const MUC_ADMIN = "http://jabber.org/protocol/muc#admin";

interface Context {
  stage: ProsodyStage;
  roomJid: string;
}

let sharedStage: Promise<ProsodyStage> | undefined;
let rooms = 0;

const staying = suite<Context>("Doorman that stays in a room");

staying.before.each(async (context) => {
  sharedStage ??= start("10m");
  context.stage = await sharedStage;
  context.roomJid = `visited${++rooms}@${MUC_DOMAIN}`;
});
staying.after(async () => (await sharedStage)?.close());

staying("kicks though it was thrown out in between", async (context) => {
  const { stage, roomJid } = context;
  const alice = await visited(context);
  const item = xml("item", { nick: "Doorman", role: "none" });
  // Owners are kicked by nobody, so Doorman must be none first.
  await alice.grantAffiliation(roomJid, `doorman@${HOST}`, "none");
  await alice.request("set", roomJid, xml("query", { xmlns: MUC_ADMIN }, item));
  await kickBob(context);
  assert.is(await stage.joins(roomJid, "alice", "Doorman"), 2);
});

staying("kicks though it was banned in between", async (context) => {
  const alice = await visited(context);
  await alice.grantAffiliation(context.roomJid, `doorman@${HOST}`, "outcast");
  await kickBob(context);
});

staying(
  "kicks though it lost its ownership in between, and joins no second time",
  async (context) => {
    const { stage, roomJid } = context;
    const alice = await visited(context);
    await alice.grantAffiliation(roomJid, `doorman@${HOST}`, "none");
    await kickBob(context);
    assert.is(await stage.joins(roomJid, "alice", "Doorman"), 1);
  },
);

staying("kicks where it is a member, and members see the lists of owners", async (context) => {
  const { stage, roomJid } = context;
  await fillRoom(stage, roomJid, Affiliation.MEMBER);
  const alice = await stage.user("alice");
  await alice.grantAffiliation(roomJid, `doorman@${HOST}`, "member");
  await alice.configureRoom(roomJid, { membersonly: "1", whois: "anyone" });
  const client = stage.doorman.client(RoomService, stage.key);
  await client.kickOccupant({ roomJid, nickname: "Bob" });
  const change = { roomJid, userJid: `bob@${HOST}`, affiliation: Affiliation.OUTCAST };
  await client.setAffiliation(change);
  await alice.grantAffiliation(roomJid, `doorman@${HOST}`, "member");
  await client.setAffiliation({ ...change, affiliation: Affiliation.NONE });
  assert.equal(await alice.affiliated(roomJid, "outcast"), []);
});

staying("kicks though the server forgot that it is there, and told nobody", async (context) => {
  await visited(context);
  await say(context, "forget Doorman");
  await kickBob(context);
});

staying(
  "lists who is there, and not who was there before the server forgot it",
  async (context) => {
    const { stage, roomJid } = context;
    await visited(context);
    await say(context, "forget Doorman");
    const bob = await stage.user("bob");
    await bob.leave(roomJid, "Bob");
    const client = stage.doorman.client(RoomService, stage.key);
    const { occupants } = await client.listOccupants({ roomJid });
    assert.equal(
      occupants.map(({ nickname }) => nickname),
      ["Alice"],
    );
  },
);

staying("knows that a room is gone that was destroyed", async (context) => {
  const { stage, roomJid } = context;
  const alice = await visited(context);
  await alice.destroyRoom(roomJid);
  const client = stage.doorman.client(RoomService, stage.key);
  await rejects(client.listOccupants({ roomJid }), Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
});

for (const [who, leaves] of [
  ["whom it kicks", false],
  ["who leaves", true],
] as const) {
  staying(`does not stay alone: a room is gone with the last one ${who}`, async (context) => {
    const { stage, roomJid } = context;
    const alice = await visited(context);
    const client = stage.doorman.client(RoomService, stage.key);
    await kickBob(context);
    if (leaves) await alice.leave(roomJid, "Alice");
    else await client.kickOccupant({ roomJid, nickname: "Alice" });
    await untilGone(alice, roomJid);
  });
}

staying("is refused by a full room in words that say what to do", async (context) => {
  const { stage, roomJid } = context;
  await fillRoom(stage, roomJid);
  await say(context, "full");
  const client = stage.doorman.client(RoomService, stage.key);
  const kick = client.kickOccupant({ roomJid, nickname: "Bob" });
  const { stanza } = await rejects(kick, Code.FailedPrecondition, ErrorReason.ROOM_CLOSED);
  assert.is(stanza?.condition, "service-unavailable");
});

staying("does not say that a kick failed when only the call's time was over", async (context) => {
  const { stage, roomJid } = context;
  await visited(context);
  await say(context, "ignore changes");
  const client = stage.doorman.client(RoomService, stage.key);
  const kick = client.kickOccupant({ roomJid, nickname: "Bob" }, { timeoutMs: 3_000 });
  await rejects(kick, Code.DeadlineExceeded, ErrorReason.SERVER_NO_ANSWER);
});

staying("kicks all sessions of a user who changes nicknames meanwhile", async (context) => {
  const { stage, roomJid } = context;
  await visited(context);
  const bob = await stage.user("bob");
  // Both are on their way at once; whichever is first, Bob has left.
  const renamed = bob.send(xml("presence", { to: `${roomJid}/Robert` }));
  const client = stage.doorman.client(RoomService, stage.key);
  await client.kickOccupant({ roomJid, userJid: `bob@${HOST}` });
  await renamed;
  const { occupants } = await client.listOccupants({ roomJid });
  assert.equal(
    occupants.map(({ nickname }) => nickname),
    ["Alice"],
  );
});

staying("does not change its own affiliation, whoever asks", async ({ stage, roomJid }) => {
  await fillRoom(stage, roomJid);
  const client = stage.doorman.client(RoomService, stage.key);
  const change = { roomJid, userJid: `doorman@${HOST}`, affiliation: Affiliation.NONE };
  const call = client.setAffiliation(change);
  await rejects(call, Code.PermissionDenied, ErrorReason.USER_PROTECTED);
});

staying("stays in a hundred rooms at the most", async (context) => {
  const { stage } = context;
  const alice = await stage.user("alice");
  const client = stage.doorman.client(RoomService, stage.key);
  const many = Array.from({ length: 101 }, (_, index) => `many${index}@${MUC_DOMAIN}`);
  for (const roomJid of many) {
    await alice.joinRoom(roomJid, "Alice");
    await client.listOccupants({ roomJid });
  }
  await untilDoormanLeft(alice, many[0] ?? "");
  assert.is(await stage.joins(many[100] ?? "", "alice", "Doorman"), 1);
});

if (prosodyIsThere("Doorman that stays in a room")) staying.run();

const leaving = suite<Context>("Doorman that leaves a room");

leaving.before.each(async (context) => {
  context.roomJid = `left${++rooms}@${MUC_DOMAIN}`;
});
leaving.after.each(async ({ stage }) => {
  await stage.close().catch(() => {});
});

leaving("does so when its time there is over", async (context) => {
  context.stage = await start("1s");
  await untilDoormanLeft(await visited(context), context.roomJid);
});

leaving("does so when it stops", async (context) => {
  context.stage = await start("10m");
  const alice = await visited(context);
  await context.stage.doorman.close();
  await untilDoormanLeft(alice, context.roomJid);
});

if (prosodyIsThere("Doorman that leaves a room")) leaving.run();

function start(stay: string): Promise<ProsodyStage> {
  const mucModules = ["muc_mishaps_for_tests"];
  return startProsodyStage({ adminsOwnRooms: false, mucModules }, { room_stay: stay });
}

/** Lets Doorman into a room with Alice and Bob, and answers Alice. */
async function visited({ stage, roomJid }: Context): Promise<XmppUser> {
  await fillRoom(stage, roomJid);
  await stage.doorman.client(RoomService, stage.key).listOccupants({ roomJid });
  assert.is(await stage.joins(roomJid, "alice", "Doorman"), 1);
  return await stage.user("alice");
}

async function kickBob({ stage, roomJid }: Context): Promise<void> {
  const client = stage.doorman.client(RoomService, stage.key);
  await client.kickOccupant({ roomJid, nickname: "Bob" });
  assert.equal(await stage.nicknames(roomJid), ["Alice"]);
}

/** Lets Alice say something, and waits until the room has heard it. */
async function say({ stage, roomJid }: Context, text: string): Promise<void> {
  const alice = await stage.user("alice");
  await alice.send(xml("message", { to: roomJid, type: "groupchat" }, xml("body", {}, text)));
  await alice.nextStanza((one) => one.is("message") && one.getChildText("body") === text);
}

/** Waits until there is no such room. */
async function untilGone(alice: XmppUser, roomJid: string): Promise<void> {
  const info = xml("query", { xmlns: "http://jabber.org/protocol/disco#info" });
  let answer = "there";
  await until(async () => {
    answer = await alice.request("get", roomJid, info).then(
      () => "there",
      (error: { condition?: string }) => error.condition ?? String(error),
    );
    return answer !== "there";
  }, "end of the room");
  assert.is(answer, "item-not-found");
}

async function untilDoormanLeft(alice: XmppUser, roomJid: string): Promise<void> {
  await alice.nextStanza(
    (one) =>
      one.is("presence") &&
      one.getAttr("type") === "unavailable" &&
      one.getAttr("from") === `${roomJid}/Doorman`,
  );
}
