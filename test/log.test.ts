import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { TestDoorman } from "./support/doorman.js";

const log = suite<{ doorman: TestDoorman; key: string }>("the log, at level debug");

log.before.each(async (context) => {
  context.doorman = await TestDoorman.start({ log_level: "debug" });
  context.key = await context.doorman.createKey("example.com");
});
log.after.each(async ({ doorman }) => doorman?.close());

log("never has a key, however it came", async ({ doorman, key }) => {
  const basic = Buffer.from(key.replace("/", ":")).toString("base64");
  const message = JSON.stringify({ roomJid: "snuggery@chat.example.org" });
  const query = new URLSearchParams({ encoding: "json", message, connect: "v1" });
  for (const authorization of [undefined, `Bearer ${key}`, `Basic ${basic}`, `Odd ${key}`]) {
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    for (const path of [
      `/invites_api?key=${key}`,
      `/invites_api?key=${encodeURIComponent(key)}&redirect=true`,
      `/roster_admin/refresh/john?key=${key}`,
      `/nothing/here?key=${key}`,
      `/doorman.v1.RoomService/ListOccupants?${query}&key=${key}`,
      `/doorman.v1.RoomService/KickOccupant?key=${key}`,
    ]) {
      await doorman.fetch(path, { headers });
      await doorman.fetch(path, { headers, method: "POST", body: "{" });
      await doorman.fetch(path, { headers, method: "HEAD" });
    }
  }
  assertLogged(doorman, "/invites_api", "ListOccupants");
  assertAbsent(doorman, key.split("/")[1] ?? "", basic);
});

log("never has an invite's token", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const created = await client.createInvite({ note: "a note that is no secret" });
  const token = created.invite?.token ?? "";
  const location = (await doorman.fetch(`/invites_api?key=${key}`)).headers.get("Location") ?? "";
  const otherToken = location.split("?")[1] ?? "";
  for (const secret of [token, otherToken]) {
    await doorman.fetch(`/invite?${secret}`);
    await doorman.fetch(`/invite?${secret}`, { method: "POST" });
    await doorman.fetch(`/invite/?${secret}`);
    await client.getInvite({ token: secret });
    await client.revokeInvite({ token: secret });
    await client.getInvite({ host: "localhost", token: secret }).catch(() => {});
    await client.getInvite({ token: `${secret}x` }).catch(() => {});
    await doorman.rpc("InviteService/GetInvite", key, { token: secret, tokken: secret });
    await doorman.rpc("InviteService/GetInvite", key, { host: 1, token: secret });
    await doorman.rpc("InviteService/GetInvite", key, { token: [secret] });
    await doorman.rpc("InviteService/RevokeInvite", `${key}x`, { token: secret });
  }
  await client.listInvites({});
  assertLogged(doorman, "a note that is no secret", "GetInvite", "RevokeInvite", '"/invite"');
  assertAbsent(doorman, token, otherToken, key.split("/")[1] ?? "");
});

log("has a line for each call: what, by which key, and how it ended", async (context) => {
  const { doorman, key } = context;
  const client = doorman.client(InviteService, key);
  await client.listInvites({});
  await client.getInvite({ token: "unknown" }).catch(() => {});
  const lines = doorman.log
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ rpc }) => rpc !== undefined)
    .map(({ rpc, key_id, code, reason }) => [rpc, key_id, code, reason]);
  const id = key.split("/")[0];
  assert.equal(lines, [
    ["doorman.v1.InviteService/ListInvites", id, "ok", undefined],
    ["doorman.v1.InviteService/GetInvite", id, "NotFound", "INVITE_NOT_FOUND"],
  ]);
});

/** Makes sure that the calls were logged, so that what is absent is absent from something. */
function assertLogged(doorman: TestDoorman, ...texts: string[]): void {
  for (const text of texts) assert.ok(doorman.log.includes(text), `${text} is in the log`);
}

function assertAbsent(doorman: TestDoorman, ...secrets: string[]): void {
  for (const secret of secrets) {
    assert.ok(secret.length >= 24);
    const line = doorman.log.split("\n").find((text) => text.includes(secret));
    assert.is(line, undefined);
  }
}

log.run();
