import { Code } from "@connectrpc/connect";
import { xml } from "@xmpp/client";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { diagnose, fixesOf, toConfigure } from "./support/doctor.js";
import { TestDoorman } from "./support/doorman.js";
import { pasteYaml } from "./support/paste.js";
import { type Prosody, startProsody } from "./support/prosody.js";
import { PROSODY_PASSWORD } from "./support/prosody-configuration.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";
import { XmppUser } from "./support/xmpp-user.js";

const ROOM = "snuggery@chat.example.org";
const ITEMS = /^\tdisco_items = (.*)\n/m;
const ROOM_OPERATIONS =
  "KICK_OCCUPANTS KICK_USERS LIST_OCCUPANTS MANAGE_AFFILIATIONS GIVE_HATS LIST_HATS".split(" ");

const NAME = "Prosody: a domain of rooms that two hosts list";
const shared = suite<{ prosody: Prosody; doorman: TestDoorman; alice: XmppUser }>(NAME);

shared.before.each(async (context) => {
  context.prosody = await startProsody({
    // As where administrators write disco_items for all hosts.
    alter: (text) => `disco_items = ${ITEMS.exec(text)?.[1]}\n${text.replace(ITEMS, "")}`,
    modules: ["disco_refusals_for_tests"],
  });
  process.env.DOORMAN_XMPP_PASSWORD = context.prosody.password("doorman");
  context.alice = await XmppUser.login(context.prosody, "alice");
  await context.alice.joinRoom(ROOM, "Alice");
});
shared.after.each(async ({ prosody, doorman, alice }) => {
  await alice?.close();
  await doorman?.close();
  await prosody?.stop();
});

shared("is nobody's: every key is refused, and the log says it once", async (context) => {
  const doorman = await start(context, {});
  for (const host of ["localhost", "example.com"]) {
    const rooms = doorman.client(RoomService, await doorman.createKey(host));
    const calls = [
      () => rooms.listOccupants({ roomJid: ROOM }),
      () => rooms.kickOccupant({ roomJid: ROOM, nickname: "Alice" }),
      () => rooms.kickUser({ userJid: "alice@example.com", mucDomain: "chat.example.org" }),
      () => rooms.kickUser({ userJid: "alice@example.com" }),
    ];
    for (const call of calls) {
      await rejects(call(), Code.PermissionDenied, ErrorReason.HOST_FORBIDDEN);
      assert.match(
        String(await call().catch(String)),
        /hosts\.[a-z.]+\.muc: \[chat\.example\.org\]/,
      );
    }
  }
  const told = doorman.log.split("\n").filter((line) => line.includes("several hosts list"));
  assert.is(told.length, 1, doorman.log);
});

for (const [condition, code] of [
  ["service-unavailable", Code.Unimplemented],
  ["internal-server-error", Code.Internal],
] as const) {
  const name = `is not the first host's while the second is refused with ${condition}, and is asked for again`;
  shared(name, async (context) => {
    const { alice } = context;
    const doorman = await start(context, {});
    const rooms = doorman.client(RoomService, await doorman.createKey("example.com"));
    const list = () => rooms.listOccupants({ roomJid: ROOM });
    await answerDisco(alice, condition);
    for (let times = 0; times < 2; times++) {
      await rejects(list(), code, ErrorReason.SERVER_REFUSED);
      assert.match(
        String(await list().catch(String)),
        /chat\.example\.org holds rooms of localhost too/,
      );
    }
    await answerDisco(alice, "nothing");
    await rejects(list(), Code.PermissionDenied, ErrorReason.HOST_FORBIDDEN);
  });
}

shared("is the first host's while the server says that it has no second", async (context) => {
  const doorman = await start(context, {});
  const rooms = doorman.client(RoomService, await doorman.createKey("example.com"));
  await answerDisco(context.alice, "remote-server-not-found");
  assert.is((await rooms.listOccupants({ roomJid: ROOM })).occupants.length, 1);
});

shared("leaves the domains of one host alone", async (context) => {
  const doorman = await start(context, {});
  const rooms = doorman.client(RoomService, await doorman.createKey("localhost"));
  const call = rooms.listOccupants({ roomJid: "none@conference.localhost" });
  await rejects(call, Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
});

shared("belongs to the host that the configuration names", async (context) => {
  const doorman = await start(context, { muc: ["chat.example.org"] });
  const own = doorman.client(RoomService, await doorman.createKey("example.com"));
  assert.is((await own.listOccupants({ roomJid: ROOM })).occupants.length, 1);
  const other = doorman.client(RoomService, await doorman.createKey("localhost"));
  const call = other.listOccupants({ roomJid: ROOM });
  await rejects(call, Code.PermissionDenied, ErrorReason.HOST_FORBIDDEN);
  assert.not.match(doorman.log, "several hosts list");
});

shared("is what the doctor speaks of, with the lines that end it", async ({ prosody }) => {
  const yaml = `hosts:
  example.com: {}
  localhost: {}
xmpp: { service: "${prosody.service}", jid: doorman@example.com, password_file: password.txt }
`;
  for (const host of ["example.com", "localhost"]) {
    const found = await diagnose(yaml, PROSODY_PASSWORD, host);
    const undecided = found.capabilities.filter(({ reason }) =>
      reason.includes("lists chat.example.org for"),
    );
    assert.is(undecided.length, ROOM_OPERATIONS.length);
  }
  const before = await diagnose(yaml, PROSODY_PASSWORD, "example.com");
  const lines = fixesOf(before).find((fix) => fix.lines.includes("muc: [chat.example.org]"));
  assert.ok(lines);
  const decided = pasteYaml(yaml, lines);
  for (const host of ["example.com", "localhost"]) {
    const left = toConfigure(await diagnose(decided, PROSODY_PASSWORD, host));
    assert.equal(
      left.filter((operation) => ROOM_OPERATIONS.includes(operation)),
      [],
    );
  }
});

if (prosodyIsThere(NAME)) shared.run();

/** Makes Prosody refuse to list the services of localhost, with a condition, until told "nothing". */
async function answerDisco(alice: XmppUser, condition: string): Promise<void> {
  await alice.send(xml("message", { to: "localhost" }, xml("body", {}, condition)));
  // A session's stanzas are handled in their order.
  await alice.request("get", "localhost", xml("ping", { xmlns: "urn:xmpp:ping" }));
}

/** @param settings of example.com */
async function start(
  context: { prosody: Prosody; doorman: TestDoorman },
  settings: { muc?: string[] },
): Promise<TestDoorman> {
  const { service, adminJid: jid } = context.prosody;
  const hosts = { "example.com": settings, localhost: {} };
  context.doorman = await TestDoorman.start({ hosts, xmpp: { service, jid } });
  await context.doorman.untilReady();
  return context.doorman;
}
