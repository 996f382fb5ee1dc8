import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { type Prosody, startProsody } from "./support/prosody.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";
import { XmppUser } from "./support/xmpp-user.js";

const AUTHORIZATION = "Basic cHJvc29keTpraWNrcyBib2I=";
const ROOM = "snuggery@chat.example.org";

interface Context {
  prosody: Prosody;
  doorman: TestDoorman;
  key: string;
}

const NAME = "Prosody: a host in the configuration that the server does not have";
const hosts = suite<Context>(NAME);

hosts.before.each(async (context) => {
  context.prosody = await startProsody();
  process.env.DOORMAN_XMPP_PASSWORD = context.prosody.password("doorman");
  context.doorman = await TestDoorman.start({
    hosts: { "gone.example": {}, "example.com": {}, localhost: {} },
    xmpp: { service: context.prosody.service, jid: context.prosody.adminJid },
    muc_kick: { authorization_header: AUTHORIZATION },
  });
  await context.doorman.untilReady();
  context.key = await context.doorman.createKey("example.com");
});
hosts.after.each(async ({ prosody, doorman }) => {
  await doorman?.close().catch(() => {});
  await prosody?.stop().catch(() => {});
});

hosts("keeps nobody from kicking on the others, and is in the log once", async (context) => {
  const { prosody, doorman } = context;
  const alice = await XmppUser.login(prosody, "alice");
  const bob = await XmppUser.login(prosody, "bob");
  try {
    await alice.joinRoom(ROOM, "Alice");
    for (let times = 0; times < 2; times++) {
      await bob.joinRoom(ROOM, "Bob");
      const response = await kick(doorman, ROOM);
      assert.is(response.status, 200, await response.clone().text());
    }
  } finally {
    await alice.close();
    await bob.close();
  }
  const nowhere = await kick(doorman, "room@nowhere.example");
  assert.equal(await nowhere.json(), { error: "MUC not found: No such host: nowhere.example" });
  const warnings = doorman.log.split("\n").filter((line) => line.includes('"host":"gone.example"'));
  assert.is(warnings.length, 1, doorman.log);
});

hosts("does not change what a key of another host is told", async ({ doorman, key }) => {
  const rooms = doorman.client(RoomService, key);
  const list = (roomJid: string) => rooms.listOccupants({ roomJid });
  const { NOT_A_MUC_SERVICE, HOST_NOT_FOUND, HOST_FORBIDDEN } = ErrorReason;
  await rejects(list("room@nowhere.example"), Code.NotFound, HOST_NOT_FOUND);
  await rejects(list("room@example.com"), Code.NotFound, NOT_A_MUC_SERVICE);
  await rejects(list("room@gone.example"), Code.PermissionDenied, HOST_FORBIDDEN);
  await rejects(list("r@conference.localhost"), Code.PermissionDenied, HOST_FORBIDDEN);
});

hosts("is what its own key hears of", async ({ doorman }) => {
  const key = await doorman.createKey("gone.example");
  const call = doorman.client(RoomService, key).listOccupants({ roomJid: "r@muc.gone.example" });
  const error = await call.catch((thrown: Error) => thrown);
  assert.instance(error, Error);
  assert.match((error as Error).message, "gone.example");
  assert.not.match((error as Error).message, "does not serve");
});

if (prosodyIsThere(NAME)) hosts.run();

function kick(doorman: TestDoorman, muc: string): Promise<Response> {
  return doorman.fetch("/muc_kick", {
    method: "POST",
    headers: { Authorization: AUTHORIZATION },
    body: JSON.stringify({ nickname: "Bob", muc }),
  });
}
