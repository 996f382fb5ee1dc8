import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { startProsody } from "./support/prosody.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

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
      `/invites_api&key=${key}`,
      `/invites_api/${key}`,
      `/roster_admin/refresh/${key}`,
      `/doorman.v1.RoomService/${key}`,
      `/doorman.v1.RoomService/ListOccupants&key=${key}`,
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
    await doorman.fetch(`/invite/${secret}`);
    // What looks like a method's path has nothing in it but letters, digits and underscores.
    await doorman.fetch(`/doorman.v1.InviteService/${secret.replaceAll("-", "_")}`);
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
  const tokens = [token, otherToken];
  const inPaths = tokens.map((secret) => secret.replaceAll("-", "_"));
  assertAbsent(doorman, ...tokens, ...inPaths, key.split("/")[1] ?? "");
});

const PASSWORD = "a-password-of-some-length-that-is-a-secret";

log("never has a password, whatever becomes of it", async ({ doorman, key }) => {
  await redeemWithPassword(doorman, key);
  const message = { token: "x", username: "carol", password: PASSWORD };
  for (const [request, withKey] of [
    [{ ...message, passwort: PASSWORD }, key],
    [{ ...message, password: [PASSWORD] }, key],
    [{ ...message, username: "a".repeat(200) }, key],
    [message, `${key}x`],
  ] as const) {
    const response = await doorman.rpc("InviteService/RedeemInvite", withKey, request);
    assert.ok(response.status >= 400);
  }
  const link = await doorman.createLink(key);
  const path = `/invite/redeem${new URL(link).search}`;
  const page = await (await doorman.fetch(path)).text();
  const [, form_token = ""] = /name="form_token" value="([^"]*)"/.exec(page) ?? [];
  for (const sent of [{ username: "dave" }, { username: "alice" }, { password: "x" }]) {
    const fields = { form_token, password: PASSWORD, repeat: PASSWORD, ...sent };
    await doorman.fetch(path, { method: "POST", body: new URLSearchParams(fields) });
  }
  await doorman.fetch(`/invite/redeem?password=${PASSWORD}`);
  assertLogged(doorman, "RedeemInvite", '"/invite/redeem"', "USERNAME_TAKEN");
  assertAbsent(doorman, PASSWORD, Buffer.from(PASSWORD).toString("base64"));
});

if (prosodyIsThere("the log has no password of accounts on Prosody")) {
  for (const issuer of ["doorman", "server"] as const) {
    log(`never has a password that Prosody is told (issuer: ${issuer})`, async () => {
      const prosody = await startProsody();
      process.env.DOORMAN_XMPP_PASSWORD = prosody.password("doorman");
      const doorman = await TestDoorman.start({
        log_level: "debug",
        xmpp: { service: prosody.service, jid: prosody.adminJid },
        invites: { issuer },
      });
      try {
        await doorman.untilReady();
        await redeemWithPassword(doorman, await doorman.createKey("example.com"));
        assertLogged(doorman, "RedeemInvite", "USERNAME_TAKEN");
        assertAbsent(doorman, PASSWORD, Buffer.from(PASSWORD).toString("base64"));
      } finally {
        await doorman.close();
        await prosody.stop();
      }
    });
  }
}

log("has a line for each call: what, by which key, and how it ended", async (context) => {
  const { doorman, key } = context;
  const client = doorman.client(InviteService, key);
  await client.listInvites({});
  await client.getInvite({ token: "unknown" }).catch(() => {});
  const id = key.split("/")[0];
  assert.equal(callsIn(doorman.log), [
    ["doorman.v1.InviteService/ListInvites", id, "ok", undefined, 200],
    ["doorman.v1.InviteService/GetInvite", id, "NotFound", "INVITE_NOT_FOUND", 404],
  ]);
});

log("has a line for calls that reach no service, too", async ({ doorman, key }) => {
  const path = "/doorman.v1.InviteService/ListInvites";
  const json = { "Content-Type": "application/json" };
  const withKey = { ...json, Authorization: `Bearer ${key}` };
  const post = (body: string, headers: Record<string, string>) =>
    doorman.fetch(path, { method: "POST", body, headers });
  await post('{"hots":"example.com"}', withKey);
  await post(" ".repeat(2 * 1024 * 1024), withKey);
  await post("{}", { ...withKey, "Content-Type": "text/plain" });
  await post("\0\0\0\0\x02\xff\xff", { ...withKey, "Content-Type": "application/grpc-web+proto" });
  await doorman.fetch(path, { method: "DELETE", headers: withKey });
  await post("{}", json);
  await doorman.fetch("/doorman.v1.InviteService/Nothing", { method: "POST", headers: withKey });
  const id = key.split("/")[0];
  const rpc = "doorman.v1.InviteService/ListInvites";
  const malformed = "MALFORMED_REQUEST";
  assert.equal(callsIn(doorman.log), [
    [rpc, id, "InvalidArgument", malformed, 400],
    [rpc, id, "ResourceExhausted", malformed, 429],
    [rpc, id, "InvalidArgument", malformed, 415],
    [rpc, id, "InvalidArgument", malformed, 200],
    [rpc, id, "InvalidArgument", malformed, 405],
    [rpc, "", "Unauthenticated", "KEY_REQUIRED", 401],
    ["(no method)", "", "Unimplemented", malformed, 404],
  ]);
});

log("names the routes of requests as they are registered", async ({ doorman, key }) => {
  await doorman.fetch(`/roster_admin/refresh/john?key=${key}`);
  await doorman.fetch("/muc_kick");
  await doorman.fetch("/invites_api&key=x");
  const lines = linesOf(doorman.log).filter(({ route }) => route !== undefined);
  assert.equal(
    lines.map(({ route, status }) => [route, status]),
    [
      ["/roster_admin/refresh/:username", 200],
      ["/muc_kick", 405],
      ["(no route)", 404],
    ],
  );
});

log("never has what the contacts app's URL holds", async () => {
  const secret = "a-secret-of-the-contacts-app";
  const doorman = await TestDoorman.start({
    hosts: { "example.com": { roster_url: `http://127.0.0.1:1/%s?secret=${secret}` } },
  });
  try {
    const response = await doorman.fetch("/roster_admin/refresh/john");
    assert.not.match(await response.text(), secret);
    assertLogged(doorman, "/roster_admin/refresh/:username");
    assertAbsent(doorman, secret);
  } finally {
    await doorman.close();
  }
});

/** Redeems an invite, twice, and fails to: for a name that is taken, and by another password. */
async function redeemWithPassword(doorman: TestDoorman, key: string): Promise<void> {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({});
  const token = invite?.token ?? "";
  const redeem = (username: string, password: string) =>
    client.redeemInvite({ token, username, password });
  await rejects(redeem("alice", PASSWORD), Code.AlreadyExists, ErrorReason.USERNAME_TAKEN);
  await redeem("carol", PASSWORD);
  await redeem("carol", PASSWORD);
  const other = redeem("carol", `${PASSWORD}-2`);
  await rejects(other, Code.FailedPrecondition, ErrorReason.INVITE_REDEEMED);
}

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function callsIn(text: string): unknown[][] {
  return linesOf(text)
    .filter(({ rpc }) => rpc !== undefined)
    .map(({ rpc, key_id, code, reason, status }) => [rpc, key_id, code, reason, status]);
}

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
