import * as assert from "uvu/assert";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";

interface Context {
  doorman: TestDoorman;
  key: string;
}

const refusals = suite<Context>("/invites_api refuses");

refusals.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
refusals.after.each(async ({ doorman }) => doorman?.close());

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

const queries: Record<string, (key: string) => string> = {
  "a call without a key": () => "",
  "an empty key": () => "?key=",
  "an id alone": (key) => `?key=${idOf(key)}`,
  "an unknown id": (key) => `?key=AAAAAAAA/${tokenOf(key)}`,
  "a wrong token": (key) => `?key=${idOf(key)}/${"A".repeat(32)}`,
  "a token that is cut short": (key) => `?key=${key.slice(0, -1)}`,
  "a token with one character more": (key) => `?key=${key}A`,
  "a malformed key": () => "?key=%00%2F..%2F'%20OR%201=1--",
  "a key under another name": (key) => `?token=${key}`,
};
for (const [name, queryOf] of Object.entries(queries)) {
  refusals(`${name} with 403`, async (context) => {
    await assertRefused(context, `/invites_api${queryOf(context.key)}`, {});
  });
}

const headers: Record<string, (key: string) => string> = {
  "another scheme": (key) => `Digest ${key}`,
  "a key without a scheme": (key) => key,
  "a scheme without a key": () => "Bearer",
  "a wrong bearer token": (key) => `Bearer ${idOf(key)}/${"A".repeat(32)}`,
  "a wrong password": (key) => basic(`${idOf(key)}:wrong`),
  "Basic without a colon": (key) => basic(idOf(key)),
  "Basic with the key as the user": (key) => basic(`${key}:`),
  "Basic that is not base64": () => "Basic ????",
};
for (const [name, headerOf] of Object.entries(headers)) {
  refusals(`${name} with 403`, async (context) => {
    await assertRefused(context, "/invites_api", { Authorization: headerOf(context.key) });
  });

  refusals(`${name} though ?key= is right: the header is all that counts`, async (context) => {
    const path = `/invites_api?key=${context.key}`;
    await assertRefused(context, path, { Authorization: headerOf(context.key) });
  });
}

refusals("no wrong ?key= beside a right header", async ({ doorman, key }) => {
  const headers = { Authorization: `Bearer ${key}` };
  const response = await doorman.fetch("/invites_api?key=AAAAAAAA/wrong", { headers });
  assert.is(response.status, 201);
});

refusals("a POST without a key with 403 too", async ({ doorman }) => {
  assert.is((await doorman.fetch("/invites_api", { method: "POST" })).status, 403);
});

refusals("a deleted key with 403", async (context) => {
  await context.doorman.keys.delete("example.com", idOf(context.key));
  const response = await context.doorman.fetch(`/invites_api?key=${context.key}`);
  assert.is(response.status, 403);
});

refusals("an expired key with 403, and says that it has expired", async ({ doorman }) => {
  const expired = new Date(Date.now() - 1);
  const key = await doorman.keys.create("example.com", "", ["invites.create"], expired);
  const response = await doorman.fetch(`/invites_api?key=${key}`);
  assert.is(response.status, 403);
  assert.match(await response.text(), /expired/);
});

refusals("a key without invites.create with 403, and names the grant", async ({ doorman }) => {
  const key = await doorman.createKey("example.com", ["invites.read", "rooms.kick"]);
  const response = await doorman.fetch(`/invites_api?key=${key}`);
  assert.is(response.status, 403);
  assert.match(await response.text(), /invites\.create/);
});

refusals("a key of a host that is served no more with 403 or 404", async ({ doorman }) => {
  const key = await doorman.createKey("gone.example");
  const response = await doorman.fetch(`/invites_api?key=${key}`);
  assert.ok([403, 404].includes(response.status), String(response.status));
  assert.is(response.headers.get("Location"), null);
});

async function assertRefused(
  { doorman, key }: Context,
  path: string,
  headers: Record<string, string>,
): Promise<void> {
  const response = await doorman.fetch(path, { headers });
  const body = await response.text();
  assert.is(response.status, 403);
  assert.is(response.headers.get("Location"), null);
  assert.is(response.headers.get("Access-Control-Allow-Origin"), "*");
  assert.match(response.headers.get("Content-Type") ?? "", /^application\/json\b/);
  assert.type((JSON.parse(body) as { error: unknown }).error, "string");
  assert.not.match(body, tokenOf(key));
  const { invites } = await doorman.client(InviteService, key).listInvites({});
  assert.is(invites.length, 0);
}

function idOf(key: string): string {
  return key.split("/")[0] ?? "";
}

function tokenOf(key: string): string {
  return key.split("/")[1] ?? "";
}

refusals.run();
