import { durationFromMs, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { type Invite, InviteState } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

interface Context {
  doorman: TestDoorman;
  key: string;
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

const invites = suite<Context>("InviteService");

invites.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
invites.after.each(async ({ doorman }) => doorman?.close());

invites("creates an invite with every field as asked", async ({ doorman, key }) => {
  const before = Date.now();
  const { invite } = await doorman.client(InviteService, key).createInvite({
    host: "Example.COM.",
    username: "NewComer",
    expiration: { case: "ttl", value: durationFromMs(3_600_000) },
    note: "für Carol <b>&",
  });
  assert.match(invite?.token ?? "", /^[\w-]{24}$/);
  assert.is(invite?.host, "example.com");
  assert.is(invite?.username, "newcomer");
  assert.is(invite?.uri, `xmpp:newcomer@example.com?register;preauth=${invite?.token}`);
  assert.is(invite?.landingPageUrl, `${doorman.url}/invite?${invite?.token}`);
  assert.is(invite?.state, InviteState.PENDING);
  assert.is(invite?.uses, 0);
  assert.is(invite?.maxUses, 1);
  assert.is(invite?.note, "für Carol <b>&");
  assert.is(invite?.keyId, key.split("/")[0]);
  assertBetween(timeOf(invite?.createTime), before, Date.now());
  assertBetween(timeOf(invite?.expireTime), before + 3_600_000, Date.now() + 3_600_000);
});

invites("gives the key's host, a week and one use where nothing is asked", async (context) => {
  const key = await context.doorman.createKey("localhost");
  const before = Date.now();
  const { invite } = await context.doorman.client(InviteService, key).createInvite({});
  assert.is(invite?.host, "localhost");
  assert.is(invite?.maxUses, 1);
  assertBetween(timeOf(invite?.expireTime), before + WEEK_MS, Date.now() + WEEK_MS);
});

invites("takes the default lifetime from the configuration", async () => {
  const doorman = await TestDoorman.start({ invites: { ttl: "90m" } });
  try {
    const client = doorman.client(InviteService, await doorman.createKey("example.com"));
    const before = Date.now();
    const { invite } = await client.createInvite({});
    assertBetween(timeOf(invite?.expireTime), before + 5_400_000, Date.now() + 5_400_000);
  } finally {
    await doorman.close();
  }
});

invites("have no URI in front of a chat server, which would refuse Doorman's tokens", async () => {
  process.env.DOORMAN_XMPP_PASSWORD = "not asked for";
  const doorman = await TestDoorman.start({
    hosts: { "example.com": {} },
    // Nothing listens there, and no call here needs it.
    xmpp: { service: "xmpp://127.0.0.1:1", jid: "doorman@example.com" },
    invites: { issuer: "doorman" },
  });
  try {
    const client = doorman.client(InviteService, await doorman.createKey("example.com"));
    const { invite } = await client.createInvite({});
    const { id = "", token = "", landingPageUrl = "" } = invite ?? {};
    const page = await (await fetch(landingPageUrl)).text();
    assert.match(page, `href="invite/redeem?${token}"`);
    assert.not.match(page, "xmpp:");
    const all = [
      invite,
      ...(await client.bulkCreateInvites({ invites: [{}, {}] })).invites,
      (await client.getInvite({ id })).invite,
      ...(await client.listInvites({})).invites,
      (await client.resendInvite({ id })).invite,
    ];
    assert.is(all.length, 8);
    for (const one of all) {
      assert.is(one?.uri, "");
      assert.match(one?.landingPageUrl ?? "", one?.token ?? "no token");
    }
  } finally {
    await doorman.close();
  }
});

invites("takes an expire_time and max_uses", async ({ doorman, key }) => {
  const before = Date.now();
  const end = new Date(before + 86_400_000);
  const { invite } = await doorman.client(InviteService, key).createInvite({
    expiration: { case: "expireTime", value: timestampFromDate(end) },
    maxUses: 25,
  });
  // Turned into a lifetime and back, it may be later by what the call took.
  assertBetween(timeOf(invite?.expireTime), end.getTime(), end.getTime() + Date.now() - before);
  assert.is(invite?.maxUses, 25);
});

invites("leaves defaults out of its JSON", async ({ doorman, key }) => {
  const response = await doorman.rpc("InviteService/CreateInvite", key, {});
  assert.is(response.status, 200);
  const { invite } = (await response.json()) as { invite: Record<string, unknown> };
  assert.equal(Object.keys(invite).sort(), [
    "createTime",
    "expireTime",
    "host",
    "id",
    "keyId",
    "landingPageUrl",
    "maxUses",
    "purpose",
    "state",
    "token",
    "uri",
  ]);
  assert.is(invite.maxUses, 1);
  assert.is(invite.state, "INVITE_STATE_PENDING");
  const empty = await doorman.rpc("InviteService/ListInvites", await otherKey(doorman), {});
  assert.is(await empty.text(), "{}");
});

invites("reads both spellings of a field in JSON", async ({ doorman, key }) => {
  for (const message of [{ max_uses: 3 }, { maxUses: 3 }]) {
    const response = await doorman.rpc("InviteService/CreateInvite", key, message);
    assert.is(((await response.json()) as { invite: Invite }).invite.maxUses, 3);
  }
});

invites("refuses what cannot be, naming the field", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const wrong: [field: string, message: Parameters<typeof client.createInvite>[0]][] = [
    ["ttl", { expiration: { case: "ttl", value: durationFromMs(999) } }],
    ["ttl", { expiration: { case: "ttl", value: durationFromMs(-60_000) } }],
    ["ttl", { expiration: { case: "ttl", value: durationFromMs(3_651 * 86_400_000) } }],
    // Beyond what JSON can write of a Duration and a Timestamp.
    ["ttl", { expiration: { case: "ttl", value: { seconds: 10n ** 15n } } }],
    ["ttl", { expiration: { case: "ttl", value: { seconds: 60n, nanos: 2_000_000_000 } } }],
    ["expire_time", { expiration: { case: "expireTime", value: {} } }],
    ["expire_time", { expiration: { case: "expireTime", value: { seconds: 10n ** 15n } } }],
    ["expire_time", { expiration: { case: "expireTime", value: { seconds: -(10n ** 15n) } } }],
    ["max_uses", { maxUses: -1 }],
    ["max_uses", { maxUses: 1_000_001 }],
    ["max_uses", { maxUses: 2, username: "carol" }],
    ["username", { username: "a b" }],
    ["username", { username: "carol@example.com" }],
    ["note", { note: "x".repeat(1_024) }],
    ["note", { note: "\u0000" }],
    ["host", { host: "not a host" }],
    ["request_id", { requestId: "with space" }],
    ["request_id", { requestId: "x".repeat(129) }],
  ];
  for (const [field, message] of wrong) {
    const answer = client.createInvite(message);
    const detail = await rejects(answer, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
    assert.is(detail.metadata.field, field);
  }
  assert.is((await client.listInvites({})).invites.length, 0);
});

invites("answers an invite by its token", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({ note: "for Carol" });
  const { invite: found } = await client.getInvite({ token: invite?.token ?? "" });
  assert.equal(found, invite);
});

invites("knows no invite by another token, and none without one", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  await client.createInvite({});
  for (const call of [client.getInvite, client.revokeInvite]) {
    await rejects(call({ token: "unknown" }), Code.NotFound, ErrorReason.INVITE_NOT_FOUND);
    const detail = await rejects(call({}), Code.InvalidArgument, ErrorReason.INVALID_FIELD);
    assert.is(detail.metadata.field, "token");
  }
});

invites("keeps one host's invites from another host's key", async ({ doorman, key }) => {
  const own = doorman.client(InviteService, key);
  const { invite } = await own.createInvite({});
  const token = invite?.token ?? "";
  const other = doorman.client(InviteService, await otherKey(doorman));
  for (const call of [other.getInvite, other.revokeInvite]) {
    await rejects(call({ token }), Code.NotFound, ErrorReason.INVITE_NOT_FOUND);
    const foreign = call({ host: "example.com", token });
    await rejects(foreign, Code.PermissionDenied, ErrorReason.HOST_FORBIDDEN);
  }
  assert.equal((await other.listInvites({})).invites, []);
  const list = other.listInvites({ host: "example.com" });
  await rejects(list, Code.PermissionDenied, ErrorReason.HOST_FORBIDDEN);
  assert.is((await own.getInvite({ token })).invite?.state, InviteState.PENDING);
});

function otherKey(doorman: TestDoorman): Promise<string> {
  return doorman.createKey("localhost");
}

function assertBetween(time: number, from: number, to: number): void {
  assert.ok(time >= from && time <= to, `${time} is from ${from} to ${to}`);
}

function timeOf(timestamp: Invite["createTime"]): number {
  return timestamp ? timestampDate(timestamp).getTime() : Number.NaN;
}

invites.run();
