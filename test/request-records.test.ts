import * as assert from "uvu/assert";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { failRegex } from "./support/fail-regex.js";
import { suite } from "./support/suite.js";

type Line = Record<string, unknown>;

const ROOM = "snuggery@chat.example.org";
const JSON_TYPE = { "Content-Type": "application/json" };

const records = suite<{ doorman: TestDoorman; key: string; keyId: string }>("request records");

records.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
  context.keyId = context.key.split("/")[0] ?? "";
});
records.after.each(async ({ doorman }) => doorman?.close());

records("every answer has a request id of its own, which its log line has too", async (context) => {
  const { doorman, key } = context;
  const answers = [
    await doorman.rpc("RoomService/ListOccupants", key, { room_jid: ROOM }),
    await doorman.rpc("RoomService/ListOccupants", `${key}x`, { room_jid: ROOM }),
    await doorman.rpc("RoomService/NoSuchMethod", key, {}),
    await doorman.fetch("/invites_api"),
    await doorman.fetch("/docs"),
    await doorman.fetch("/nothing"),
    await doorman.fetch("/muc_kick", { method: "POST", body: "{" }),
  ];
  const ids = answers.map(({ headers }) => headers.get("x-request-id") ?? "");
  for (const id of ids) assert.match(id, /^[0-9a-f-]{36}$/);
  assert.is(new Set(ids).size, ids.length);
  const logged = endings(doorman).map(({ request_id }) => request_id);
  assert.equal(logged, ids);
});

records("the line of a call has the key, the address, the room and the user", async (context) => {
  const { doorman, key, keyId } = context;
  const rooms = doorman.client(RoomService, key);
  await rooms.kickOccupant({ roomJid: ROOM, nickname: "Bob" });
  await rooms.setAffiliation({ roomJid: ROOM, userJid: "bob@example.com", affiliation: 2 });
  const asked = { key_id: keyId, address: "127.0.0.1", room: ROOM };
  assert.equal(endings(doorman).map(aboutOf), [
    { ...asked, nickname: "Bob" },
    { ...asked, user: "bob@example.com" },
  ]);
});

records(
  "the line of a call about an invite has the invite's id, however it was named",
  async (context) => {
    const { doorman, key } = context;
    const invites = doorman.client(InviteService, key);
    const { invite } = await invites.createInvite({});
    const { id = "", token = "" } = invite ?? {};
    await invites.getInvite({ token });
    await invites.getInvite({ id });
    await invites.redeemInvite({ token, username: "carol", password: "a long password" });
    await invites.revokeInvite({ token }).catch(() => {});
    await invites.bulkCreateInvites({ invites: [{}, {}, {}] });
    const lines = endings(doorman).map((line) => [line.invite, line.invites]);
    assert.equal(lines, [...Array(5).fill([id, undefined]), [undefined, 3]]);
  },
);

records("the line of a documented call has the same", async ({ doorman, key, keyId }) => {
  const Authorization = `Bearer ${key}`;
  const body = JSON.stringify({ muc: ROOM, nickname: "Bob" });
  await doorman.fetch("/muc_kick", {
    method: "POST",
    headers: { ...JSON_TYPE, Authorization },
    body,
  });
  await doorman.fetch("/roster_admin/refresh/john", { headers: { Authorization } });
  await doorman.fetch("/roster_admin/refresh", {
    method: "POST",
    headers: { Authorization },
    body: '["john", "aaron"]',
  });
  const link = new URL(await doorman.createLink(key));
  await doorman.fetch(link.pathname + link.search);
  const [kick, one, two, created, page] = endings(doorman);
  const asked = { key_id: keyId, address: "127.0.0.1" };
  assert.equal(aboutOf(kick), { ...asked, room: ROOM, nickname: "Bob" });
  assert.equal(aboutOf(one), { ...asked, user: "john", users: 1 });
  assert.equal(aboutOf(two), { ...asked, users: 2 });
  assert.match(String(created?.invite), /^[0-9a-f-]{36}$/);
  assert.equal(aboutOf(created), { ...asked, invite: created?.invite });
  assert.equal(aboutOf(page), { ...asked, key_id: "", invite: created?.invite });
});

records("a token in the place of an invite's id is not logged", async ({ doorman, key }) => {
  const { invite } = await doorman.client(InviteService, key).createInvite({});
  const token = invite?.token ?? "";
  await doorman.rpc("InviteService/GetInvite", key, { id: token });
  await doorman.rpc("InviteService/RevokeInvite", key, { id: token });
  assert.is(endings(doorman).length, 3);
  assert.not.match(doorman.log, token);
});

records("the host of the key is logged where the caller names none", async ({ doorman, key }) => {
  await doorman.client(InviteService, key).listInvites({});
  assert.is(endings(doorman)[0]?.host, "example.com");
});

records("a request that is refused before anything reads it has a line too", async () => {
  const origin = "https://console.example.com";
  const doorman = await TestDoorman.start({ cors: { allow_origins: [origin] } });
  try {
    const path = "/doorman.v1.RoomService/ListOccupants";
    const preflight = await doorman.fetch(path, { method: "OPTIONS", headers: { origin } });
    assert.is(preflight.status, 204);
    const [line] = endings(doorman);
    assert.is(line?.request_id, preflight.headers.get("x-request-id"));
    assert.is(line?.status, 204);
  } finally {
    await doorman.close();
  }
});

records("texts of callers are shortened", async ({ doorman, key }) => {
  const long = "x".repeat(10_000);
  await doorman.rpc("RoomService/KickOccupant", key, { room_jid: long, nickname: long });
  const [line] = endings(doorman);
  assert.is(line?.room, `${"x".repeat(99)}…`);
  assert.is(line?.nickname, `${"x".repeat(99)}…`);
});

records("a refused key is logged with the address and the id that it claimed", async (context) => {
  const { doorman, key, keyId } = context;
  const token = key.split("/")[1] ?? "";
  const refused = [
    `Bearer ${keyId}/${"x".repeat(32)}`,
    `Basic ${Buffer.from(`${keyId}:wrong`).toString("base64")}`,
    "Bearer no-key",
    `Bearer ${token}/${keyId}`,
  ];
  for (const Authorization of refused) {
    await doorman.fetch("/doorman.v1.RoomService/ListOccupants", {
      method: "POST",
      headers: { ...JSON_TYPE, Authorization },
      body: "{}",
    });
  }
  await doorman.fetch(`/invites_api?key=${keyId}/wrong`);
  const lines = refusals(doorman);
  assert.equal(
    lines.map(({ claimed_key_id, address, reason }) => [claimed_key_id, address, reason]),
    [keyId, keyId, "", "", keyId].map((id) => [id, "127.0.0.1", "KEY_INVALID"]),
  );
  assert.not.match(doorman.log, token);
});

records("the failregex of docs/log.md finds the address of each refused key", async (context) => {
  const { doorman, keyId } = context;
  await doorman.rpc("RoomService/ListOccupants", `${keyId}/wrong`, {});
  await doorman.rpc("RoomService/ListOccupants", context.key, { room_jid: ROOM });
  const found = doorman.log.split("\n").flatMap((line) => failRegex().exec(line)?.[1] ?? []);
  assert.equal(found, ["127.0.0.1"]);
});

records("a trusted proxy says who the visitor is, and which id the request has", async () => {
  const doorman = await TestDoorman.start({ trusted_proxies: ["127.0.0.1"] });
  try {
    const key = await doorman.createKey("example.com");
    const headers = {
      ...JSON_TYPE,
      Authorization: `Bearer ${key}`,
      "X-Forwarded-For": "198.51.100.1, 2001:db8::7",
      "X-Request-Id": "5f0c1f6e0b8a4c0e",
    };
    const path = "/doorman.v1.RoomService/ListOccupants";
    const body = JSON.stringify({ room_jid: ROOM });
    const answer = await doorman.fetch(path, { method: "POST", headers, body });
    assert.is(answer.headers.get("x-request-id"), "5f0c1f6e0b8a4c0e");
    const [line] = endings(doorman);
    assert.is(line?.address, "2001:db8::7");
    assert.is(line?.request_id, "5f0c1f6e0b8a4c0e");
  } finally {
    await doorman.close();
  }
});

records("nobody else does", async ({ doorman }) => {
  const headers = { "X-Forwarded-For": "198.51.100.1", "X-Request-Id": "5f0c1f6e0b8a4c0e" };
  const answer = await doorman.fetch("/docs", { headers });
  assert.is.not(answer.headers.get("x-request-id"), "5f0c1f6e0b8a4c0e");
  assert.is(endings(doorman)[0]?.address, "127.0.0.1");
});

function linesOf(doorman: TestDoorman): Line[] {
  const lines = doorman.log.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** Returns the lines that tell how a call or a request ended. */
function endings(doorman: TestDoorman): Line[] {
  return linesOf(doorman).filter(({ msg }) => msg === "call" || msg === "request");
}

function refusals(doorman: TestDoorman): Line[] {
  return linesOf(doorman).filter(({ msg }) => msg === "key refused");
}

/** Returns what a line has of who asked and about what. */
function aboutOf(line: Line = {}): Line {
  const names = ["key_id", "address", "room", "user", "users", "nickname", "invite"];
  return Object.fromEntries(
    names.flatMap((name) => (line[name] === undefined ? [] : [[name, line[name]]])),
  );
}

records.run();
