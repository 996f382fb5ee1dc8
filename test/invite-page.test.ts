import { randomUUID } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { openDatabase } from "../src/database/database.js";
import type { InvitesTable } from "../src/database/schema.js";
import { InviteStore } from "../src/invites/invite-store.js";
import { TestDoorman } from "./support/doorman.js";

const page = suite<{ doorman: TestDoorman; key: string }>("GET /invite?TOKEN");

page.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
page.after.each(async ({ doorman }) => doorman?.close());

page("shows the xmpp: URI of a pending invite, where Location leads", async ({ doorman, key }) => {
  const created = await doorman.fetch(`/invites_api?key=${key}`);
  const location = new URL(created.headers.get("Location") ?? "");
  const { status, text } = await read(doorman, location.search.slice(1));
  assert.is(status, 200);
  const uri = `xmpp:example.com?register;preauth=${location.search.slice(1)}`;
  assert.match(text, `<a href="${uri}">`);
});

page("shows the URI of an invite with a preset username", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({ username: "newcomer" });
  const { status, text } = await read(doorman, invite?.token ?? "");
  assert.is(status, 200);
  assert.match(text, `"xmpp:newcomer@example.com?register;preauth=${invite?.token}"`);
});

page("does not know an unknown, an empty or a strange token: 404", async ({ doorman }) => {
  for (const token of ["AAAAAAAAAAAAAAAAAAAAAAAA", "", "a=b&c=d", "%", "%00", "%ff".repeat(500)]) {
    const { status, text } = await read(doorman, token);
    assert.is(status, 404, token);
    assert.match(text, "no such invite");
  }
});

page("does not repeat what it was asked", async ({ doorman }) => {
  const { text } = await read(doorman, "<script>alert(1)</script>");
  assert.not.match(text, "script");
});

page("shows a revoked invite as gone, without its URI: 410", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({});
  await client.revokeInvite({ token: invite?.token ?? "" });
  const { status, text } = await read(doorman, invite?.token ?? "");
  assert.is(status, 410);
  assert.match(text, "taken back");
  assert.not.match(text, "preauth");
});

page("shows an expired invite as gone, without its URI: 410", async ({ doorman }) => {
  const token = await store(doorman, { expire_time: Date.now() - 1 });
  const { status, text } = await read(doorman, token);
  assert.is(status, 410);
  assert.match(text, "expired");
  assert.not.match(text, "preauth");
});

page("shows a redeemed invite as gone, without its URI: 410", async ({ doorman }) => {
  const token = await store(doorman, { uses: 1 });
  const { status, text } = await read(doorman, token);
  assert.is(status, 410);
  assert.match(text, "used already");
  assert.not.match(text, "preauth");
});

page("shows the URI of a server's invite, whose state it cannot know", async ({ doorman }) => {
  const token = await store(doorman, { issuer: "server", expire_time: null });
  const { status, text } = await read(doorman, token);
  assert.is(status, 200);
  assert.match(text, `preauth=${token}"`);
});

page("escapes what it shows", async ({ doorman }) => {
  const uri = `xmpp:example.com?register;preauth="'><script>alert(1)</script>&amp;`;
  const token = await store(doorman, { host: "<b>example.com</b>", uri });
  const { text } = await read(doorman, token);
  assert.not.match(text, "<script");
  assert.not.match(text, "<b>");
  assert.match(text, "&lt;script&gt;");
  assert.match(text, "&amp;amp;");
});

page("answers HEAD without a body", async ({ doorman }) => {
  const token = await store(doorman, {});
  const response = await doorman.fetch(`/invite?${token}`, { method: "HEAD" });
  assert.is(response.status, 200);
  assert.is(await response.text(), "");
});

/** Reads the page, and asserts the headers that keep the token in it a secret. */
async function read(doorman: TestDoorman, token: string) {
  const response = await doorman.fetch(`/invite?${token}`);
  assert.match(response.headers.get("Content-Type") ?? "", /^text\/html\b/);
  assert.is(response.headers.get("Cache-Control"), "no-store");
  assert.is(response.headers.get("Referrer-Policy"), "no-referrer");
  const policy = response.headers.get("Content-Security-Policy") ?? "";
  assert.match(policy, "default-src 'none'");
  assert.match(policy, "frame-ancestors 'none'");
  return { status: response.status, text: await response.text() };
}

/** Stores an invite in a state that no call brings about, and answers its token. */
async function store(doorman: TestDoorman, changes: Partial<InvitesTable>): Promise<string> {
  const id = randomUUID();
  const token = id.replaceAll("-", "").slice(0, 24);
  const database = await openDatabase(doorman.dataFolder);
  await new InviteStore(database).add(
    {
      id,
      token,
      host: "example.com",
      issuer: "doorman",
      username: "",
      uri: `xmpp:example.com?register;preauth=${token}`,
      landing_page_url: "",
      uses: 0,
      max_uses: 1,
      note: "",
      create_time: Date.now(),
      expire_time: Date.now() + 60_000,
      revoke_time: null,
      key_id: "",
      ...changes,
    },
    undefined,
  );
  await database.destroy();
  return token;
}

page.run();
