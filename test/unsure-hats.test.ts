import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, Code } from "@connectrpc/connect";
import { xml } from "@xmpp/client";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { type XmppStage, xmppStage } from "./contract/xmpp-stage.js";
import { TestDoorman } from "./support/doorman.js";
import { DoormanProcess, runDoorman } from "./support/doorman-process.js";
import { until as untilIsSo } from "./support/patience.js";
import { type Prosody, startProsody } from "./support/prosody.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { StanzaGate } from "./support/stanza-gate.js";
import { suite } from "./support/suite.js";

const SUITE = "Prosody: hats whose change has no known outcome";
const BOB = `bob@${HOST}`;
const ROOM = `room@${MUC_DOMAIN}`;
const ONE = "urn:hat:one";
const TWO = "urn:hat:two";
const ADD = /hats#add"[^>]*complete/;
const REMOVE = /hats#remove"[^>]*complete/;
const bob = { userJid: BOB, roomJid: ROOM };
const guest = { active: true, title: "Guest" };
const KEEPS_OUT = ["muc_hats_adhoc_for_tests", "muc_keeps_doorman_out_for_tests"];

interface Context {
  prosody: Prosody | undefined;
  played: XmppStage | undefined;
  gate: StanzaGate | undefined;
  doorman: TestDoorman | undefined;
  killed: DoormanProcess[] | undefined;
  folder: string | undefined;
}

/** Doorman behind a gate, and Bob in a room with one hat. */
interface Play {
  played: XmppStage;
  gate: StanzaGate;
  doorman: TestDoorman;
  hats: Client<typeof HatService>;
  rooms: Client<typeof RoomService>;
}

const unsure = suite<Context>(SUITE);

unsure.after.each(async (context) => {
  const { prosody, played, gate, doorman, killed = [], folder } = context;
  for (const one of killed) await one.stop("SIGKILL");
  await doorman?.close().catch(() => {});
  await played?.close().catch(() => {});
  gate?.close();
  await prosody?.stop().catch(() => {});
  if (folder) rmSync(folder, { recursive: true, force: true });
  for (const name of Object.keys(context)) delete context[name as keyof Context];
});

unsure("one that never reached the server is not shown", async (context) => {
  const play = await start(context);
  await loses(play, ADD, play.hats.addUserHat({ ...bob, hatId: TWO, attachment: guest }));
  await assertHats(play, { [ONE]: "One" });
  await (await play.played.user("bob")).leave(ROOM, "Bob");
  assert.equal(await titles(play), { [ONE]: "One" });
});

unsure("one that was given is shown, though the answer was lost", async (context) => {
  const play = await start(context);
  const attachment = { ...guest, required: true };
  await losesAnswer(play, ADD, [ONE, TWO], () =>
    play.hats.addUserHat({ ...bob, hatId: TWO, attachment }),
  );
  await assertHats(play, { [ONE]: "One", [TWO]: "Guest" });
  // It is known from now on.
  await (await play.played.user("bob")).leave(ROOM, "Bob");
  const { hats } = await play.hats.getUserHats(bob);
  assert.equal([hats[TWO]?.active, hats[TWO]?.required, hats[TWO]?.title], [true, true, "Guest"]);
});

unsure("one that was taken away is gone, though the answer was lost", async (context) => {
  const play = await start(context);
  await losesAnswer(play, REMOVE, [], () => play.hats.removeUserHat({ ...bob, hatId: ONE }));
  await assertHats(play, {});
});

unsure("one whose removal never reached the server is still there", async (context) => {
  const play = await start(context);
  await loses(play, REMOVE, play.hats.removeUserHat({ ...bob, hatId: ONE }));
  await assertHats(play, { [ONE]: "One" });
});

unsure("a title is the one that is shown, the new or the old", async (context) => {
  const play = await start(context);
  const rename = (title: string) =>
    play.hats.addUserHat({ ...bob, hatId: ONE, attachment: { active: true, title } });
  await loses(play, ADD, rename("Two"));
  await assertHats(play, { [ONE]: "One" });
  await losesAnswer(play, ADD, [ONE], () => rename("Three"), "Three");
  await assertHats(play, { [ONE]: "Three" });
});

unsure("one that was to be inactive is, once it is not shown", async (context) => {
  const play = await start(context);
  const attachment = { active: false, title: "Later" };
  const put = () => play.hats.addUserHat({ ...bob, hatId: ONE, attachment });
  await loses(play, REMOVE, put());
  assert.is((await play.hats.getUserHats(bob)).hats[ONE]?.active, true);
  await losesAnswer(play, REMOVE, [], put);
  const { hats } = await play.hats.getUserHats(bob);
  assert.equal([hats[ONE]?.active, hats[ONE]?.title], [false, "Later"]);
});

unsure("of a user who is away the hats are as they were, until the user comes", async (context) => {
  const play = await start(context);
  await losesAnswer(play, ADD, [ONE, TWO], () =>
    play.hats.addUserHat({ ...bob, hatId: TWO, attachment: guest }),
  );
  const user = await play.played.user("bob");
  await user.leave(ROOM, "Bob");
  assert.equal(await titles(play), { [ONE]: "One" });
  assert.equal(await listedTitles(play), { [ONE]: "One" });
  await user.joinRoom(ROOM, "Bob");
  await assertHats(play, { [ONE]: "One", [TWO]: "Guest" });
});

unsure("in a room that keeps Doorman out the hats are as they were", async (context) => {
  const play = await start(context, KEEPS_OUT);
  await loses(play, ADD, play.hats.addUserHat({ ...bob, hatId: TWO, attachment: guest }));
  assert.equal(await titles(play), { [ONE]: "One" });
  assert.equal(await listedTitles(play), { [ONE]: "One" });
  await play.hats.addUserHat({ ...bob, hatId: TWO, attachment: guest });
  assert.equal(await titles(play), { [ONE]: "One", [TWO]: "Guest" });
});

unsure("SetUserHats takes away one that may have been given", async (context) => {
  const play = await start(context);
  await losesAnswer(play, ADD, [ONE, TWO], () =>
    play.hats.addUserHat({ ...bob, hatId: TWO, attachment: guest }),
  );
  const user = await play.played.user("bob");
  await user.leave(ROOM, "Bob");
  await play.hats.setUserHats({ ...bob, hats: { [ONE]: { active: true, title: "One" } } });
  await user.joinRoom(ROOM, "Bob");
  await assertHats(play, { [ONE]: "One" });
});

unsure("a change that the server refuses leaves the one before it as unsure", async (context) => {
  const play = await start(context, ["muc_hats_adhoc_for_tests", "muc_mishaps_for_tests"]);
  const alice = await play.played.user("alice");
  await alice.grantAffiliation(ROOM, BOB, "owner");
  await play.hats.setUserHats({ ...bob, hats: {} });
  const attachment = { ...guest, required: true };
  await losesAnswer(play, ADD, [TWO], () =>
    play.hats.addUserHat({ ...bob, hatId: TWO, attachment }),
  );
  // From here on the owners' hats stay as they are.
  await alice.send(xml("message", { to: ROOM, type: "groupchat" }, xml("body", {}, "keep owners")));
  await alice.nextStanza((stanza) => stanza.getChildText("body") === "keep owners");
  for (const change of [
    () => play.hats.addUserHat({ ...bob, hatId: TWO, attachment: { active: true, title: "Two" } }),
    () => play.hats.addUserHat({ ...bob, hatId: ONE, attachment: { title: "One" } }),
  ]) {
    await rejects(change(), Code.Unknown, ErrorReason.SERVER_REFUSED);
  }
  // The server's module has changed the title before it is refused.
  await assertHats(play, { [TWO]: "Two" });
  assert.is((await play.hats.getUserHats(bob)).hats[TWO]?.required, true);
});

for (const letsThrough of [false, true]) {
  const outcome = letsThrough ? "is shown when it was given" : "is not shown when it was not";
  unsure(`one that Doorman is killed over ${outcome}`, async (context) => {
    await startServer(context);
    const { played, gate } = context;
    if (played === undefined || gate === undefined) throw new Error("nothing was started");
    context.folder = mkdtempSync(join(tmpdir(), "doorman-hats-"));
    const xmpp = xmppOf(context);
    const file = join(context.folder, "doorman.yaml");
    writeFileSync(file, JSON.stringify({ hosts: { [HOST]: {} }, xmpp }));
    const options = ["--config", file, "--data", context.folder];
    const key = (await runDoorman("keys", "create", HOST, "--init", ...options)).stdout.trim();
    context.killed = [];
    const serve = async () => {
      const doorman = await DoormanProcess.serve(context.folder ?? "", "--config", file);
      context.killed?.push(doorman);
      await until(
        async () => (await fetch(`${doorman.url}/readyz`)).ok,
        (isReady) => isReady,
      );
      return doorman;
    };

    const doorman = await serve();
    const reached = gate.closeAt(ADD, letsThrough);
    const call = doorman
      .rpc("HatService/AddUserHat", key, { ...bob, hatId: TWO, attachment: guest })
      .catch(() => "cut short");
    await reached;
    if (letsThrough) await untilShown(played, [TWO]);
    await doorman.stop("SIGKILL");
    assert.is(await call, "cut short");
    const next = await serve();
    const answer = (await next.rpc("HatService/GetUserHats", key, bob)) as { hats?: object };
    assert.equal(Object.keys(answer.hats ?? {}), letsThrough ? [TWO] : []);
  });
}

if (prosodyIsThere(SUITE)) unsure.run();

async function startServer(context: Context, mucModules?: string[]): Promise<void> {
  context.prosody = await startProsody(mucModules === undefined ? {} : { mucModules });
  context.gate = await StanzaGate.open(context.prosody.port);
  process.env.DOORMAN_XMPP_PASSWORD = context.prosody.password("doorman");
  context.played = await xmppStage(context.prosody);
  const alice = await context.played.user("alice");
  await alice.joinRoom(ROOM, "Alice");
  await alice.grantAffiliation(ROOM, BOB, "member");
  await (await context.played.user("bob")).joinRoom(ROOM, "Bob");
}

function xmppOf({ prosody, gate }: Context) {
  return { service: `xmpp://127.0.0.1:${gate?.port}`, jid: prosody?.adminJid ?? "" };
}

async function start(context: Context, mucModules?: string[]): Promise<Play> {
  await startServer(context, mucModules);
  const { played, gate } = context;
  const doorman = await TestDoorman.start({ hosts: { [HOST]: {} }, xmpp: xmppOf(context) });
  context.doorman = doorman;
  await doorman.untilReady();
  if (played === undefined || gate === undefined) throw new Error("nothing was started");
  const key = await doorman.createKey(HOST);
  const hats = doorman.client(HatService, key);
  const rooms = doorman.client(RoomService, key);
  const attachment = { active: true, title: "One" };
  await hats.addUserHat({ ...bob, hatId: ONE, attachment });
  return { played, gate, doorman, hats, rooms };
}

/** Lets a call fail whose command does not reach the server. */
async function loses(play: Play, marker: RegExp, call: Promise<unknown>): Promise<void> {
  await cutAt(play, play.gate.closeAt(marker, false), call);
}

/** Lets a call fail whose command the server has carried out: Bob is seen with just these hats. */
async function losesAnswer(
  play: Play,
  marker: RegExp,
  shown: readonly string[],
  makeCall: () => Promise<unknown>,
  title?: string,
): Promise<void> {
  const reached = play.gate.closeAt(marker, true);
  const call = makeCall();
  await cutAt(
    play,
    reached.then(() => untilShown(play.played, shown, title)),
    call,
  );
}

async function cutAt(
  { gate, doorman }: Play,
  moment: Promise<unknown>,
  call: Promise<unknown>,
): Promise<void> {
  const failed = rejects(call, Code.DeadlineExceeded, ErrorReason.SERVER_NO_ANSWER);
  await Promise.race([moment, failed]);
  gate.cut();
  await failed;
  await doorman.untilReady();
}

async function untilShown(
  played: XmppStage,
  hatIds: readonly string[],
  title?: string,
): Promise<void> {
  await until(
    () => played.shownHats(ROOM, "Bob"),
    (shown) =>
      shown.size === hatIds.length &&
      hatIds.every((hatId) => shown.has(hatId)) &&
      (title === undefined || [...shown.values()].includes(title)),
  );
}

async function until<T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<void> {
  await untilIsSo(async () => isThere(await look()), "sight of it");
}

/** Bob is in the room: what Doorman answers is what everybody there sees. */
async function assertHats(play: Play, expected: Record<string, string>): Promise<void> {
  assert.equal(Object.fromEntries(await play.played.shownHats(ROOM, "Bob")), expected);
  assert.equal(await titles(play), expected);
  assert.equal(await listedTitles(play), expected);
  const { occupants } = await play.rooms.listOccupants({ roomJid: ROOM });
  const hats = occupants.find(({ nickname }) => nickname === "Bob")?.hats ?? {};
  assert.equal(Object.keys(hats).sort(), Object.keys(expected).sort());
}

async function titles({ hats }: Play): Promise<Record<string, string>> {
  return titlesOf((await hats.getUserHats(bob)).hats);
}

async function listedTitles({ hats }: Play): Promise<Record<string, string>> {
  const { users } = await hats.listRoomHats({ roomJid: ROOM });
  return titlesOf(users.find(({ userJid }) => userJid === BOB)?.hats ?? {});
}

function titlesOf(hats: Record<string, { title: string }>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(hats)
      .sort()
      .map(([hatId, { title }]) => [hatId, title]),
  );
}
