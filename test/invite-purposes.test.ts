import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { InvitePurpose, InviteState } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { openDatabase } from "../src/database/database.js";
import { DEFAULT_GRANTS } from "../src/keys/grants.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const PASSWORD = "correct horse battery";
const DAY_SECONDS = 86_400n;

const purposes = suite<{ doorman: TestDoorman; key: string; resetKey: string }>(
  "invites' purposes",
);

purposes.before.each(async (context) => {
  context.doorman = await TestDoorman.start({
    invites: { protected_users: ["alice@example.com"] },
  });
  context.key = await context.doorman.createKey("example.com");
  const grants = [...DEFAULT_GRANTS, "invites.reset_password"];
  context.resetKey = await context.doorman.createKey("example.com", grants);
});
purposes.after.each(async ({ doorman }) => doorman?.close());

purposes("are an account unless asked otherwise", async ({ doorman, key }) => {
  const { invite } = await doorman.client(InviteService, key).createInvite({});
  assert.is(invite?.purpose, InvitePurpose.ACCOUNT);
});

purposes("have the URIs that clients know for them", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const inviterJid = "marie@example.com";
  const uris = {
    [InvitePurpose.GROUP]: "xmpp:example.com?register;preauth=TOKEN",
    [InvitePurpose.CONTACT]: "xmpp:marie@example.com?roster;preauth=TOKEN",
    [InvitePurpose.ACCOUNT_AND_CONTACT]: "xmpp:marie@example.com?roster;preauth=TOKEN;ibr=y",
  };
  for (const [name, uri] of Object.entries(uris)) {
    const purpose = Number(name) as InvitePurpose;
    const isGroup = purpose === InvitePurpose.GROUP;
    const { invite } = await client.createInvite({ purpose, ...(!isGroup && { inviterJid }) });
    assert.is(invite?.uri.replace(invite.token, "TOKEN"), uri);
    assert.is(invite?.maxUses, isGroup ? 1_000_000 : 1);
  }
});

purposes(
  "that make contacts need an inviter, of the host and another than the invited",
  async ({ doorman, key }) => {
    const client = doorman.client(InviteService, key);
    const CONTACT = InvitePurpose.CONTACT;
    for (const request of [
      { purpose: CONTACT },
      { purpose: CONTACT, inviterJid: "user@localhost" },
      { username: "newcomer", inviterJid: "newcomer@example.com" },
      { inviterJid: "user@localhost" },
    ]) {
      const call = client.createInvite(request);
      const detail = await rejects(call, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
      assert.is(detail.metadata.field, "inviter_jid");
    }
    const unknown = client.createInvite({ purpose: CONTACT, inviterJid: "nobody@example.com" });
    await rejects(unknown, Code.NotFound, ErrorReason.USER_NOT_FOUND);
    const odd = client.createInvite({ purpose: 99 as InvitePurpose });
    await rejects(odd, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  },
);

purposes("of every kind say on the page whom they are from", async ({ doorman, resetKey }) => {
  const client = doorman.client(InviteService, resetKey);
  const inviterJid = "marie@example.com";
  for (const [request, says] of [
    [{}, "marie@example.com invites you to example.com"],
    [{ purpose: InvitePurpose.GROUP }, "marie@example.com invites you to example.com"],
    [
      { purpose: InvitePurpose.PASSWORD_RESET, username: "john" },
      "This link is from marie@example.com.",
    ],
  ] as const) {
    const { invite } = await client.createInvite({ ...request, inviterJid });
    assert.is(invite?.inviterJid, inviterJid);
    const page = await doorman.fetch(`/invite?${invite?.token}`);
    assert.match((await page.text()).replace(/<\/?(bdi|wbr)>/g, ""), says);
    const token = invite?.token ?? "";
    if ("purpose" in request) continue;
    // Nobody becomes a contact by that.
    const redeemed = { token, username: "newcomer", password: PASSWORD };
    const { userJid } = await client.redeemInvite(redeemed);
    const roster = await doorman.rpc("RosterService/GetRoster", resetKey, { userJid });
    assert.not.match(await roster.text(), "marie");
  }
  const nobody = client.createInvite({ inviterJid: "nobody@example.com" });
  await rejects(nobody, Code.NotFound, ErrorReason.USER_NOT_FOUND);
});

purposes("reset a password only with a grant that no key has by default", async (context) => {
  const { doorman, key, resetKey } = context;
  const request = { purpose: InvitePurpose.PASSWORD_RESET, username: "john" };
  const refused = doorman.client(InviteService, key).createInvite(request);
  const detail = await rejects(refused, Code.PermissionDenied, ErrorReason.GRANT_MISSING);
  assert.is(detail.metadata.grant, "invites.reset_password");
  const client = doorman.client(InviteService, resetKey);
  const { invite } = await client.createInvite(request);
  // Sending it anew tells a token, and so needs the same.
  const resent = doorman.client(InviteService, key).resendInvite({ id: invite?.id ?? "" });
  await rejects(resent, Code.PermissionDenied, ErrorReason.GRANT_MISSING);
  const bulk = client.bulkCreateInvites({ invites: [request] });
  await rejects(bulk, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
});

purposes("tell the token of a reset once, and store it nowhere", async ({ doorman, resetKey }) => {
  const client = doorman.client(InviteService, resetKey);
  const purpose = InvitePurpose.PASSWORD_RESET;
  const request = { purpose, username: "john", requestId: "reset-1" };
  const created = (await client.createInvite(request)).invite;
  assert.match(created?.token ?? "", /^[\w-]{24}$/);
  assert.is(created?.landingPageUrl, `${doorman.url}/invite?${created?.token}`);
  assert.is(created?.uri, "");
  const lifetime = (created?.expireTime?.seconds ?? 0n) - (created?.createTime?.seconds ?? 0n);
  assert.is(lifetime, DAY_SECONDS);
  const again = (await client.createInvite(request)).invite;
  const got = (await client.getInvite({ id: created?.id ?? "" })).invite;
  const byToken = (await client.getInvite({ token: created?.token ?? "" })).invite;
  const [listed] = (await client.listInvites({})).invites;
  for (const seen of [again, got, byToken, listed]) {
    assert.is(seen?.id, created?.id);
    assert.equal([seen?.token, seen?.uri, seen?.landingPageUrl], ["", "", ""]);
  }
  const database = await openDatabase(doorman.dataFolder);
  const rows = JSON.stringify(await database.selectFrom("invites").selectAll().execute());
  await database.destroy();
  assert.not.match(rows, created?.token ?? "");
});

purposes("protect who is named in the configuration", async ({ doorman, resetKey }) => {
  const client = doorman.client(InviteService, resetKey);
  const purpose = InvitePurpose.PASSWORD_RESET;
  const alice = client.createInvite({ purpose, username: "Alice" });
  await rejects(alice, Code.PermissionDenied, ErrorReason.USER_PROTECTED);
  const nobody = client.createInvite({ purpose, username: "nobody" });
  await rejects(nobody, Code.NotFound, ErrorReason.USER_NOT_FOUND);
  const nameless = client.createInvite({ purpose });
  await rejects(nameless, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
});

purposes("preset no name that has an account", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const taken = client.createInvite({ username: "John" });
  const one = await rejects(taken, Code.AlreadyExists, ErrorReason.USERNAME_TAKEN);
  assert.is(one.metadata.field, "username");
  const bulk = client.bulkCreateInvites({ invites: [{ username: "free" }, { username: "john" }] });
  const many = await rejects(bulk, Code.AlreadyExists, ErrorReason.USERNAME_TAKEN);
  assert.is(many.metadata.field, "invites[1].username");
  assert.equal((await client.listInvites({})).invites, []);
});

purposes("reserve names in presets too", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  for (const username of ["root", "ADMIN", "a".repeat(65)]) {
    const call = client.createInvite({ username });
    await rejects(call, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  }
});

purposes("go a thousand at once, in order, all or none", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const invites = Array.from({ length: 1_000 }, (_, index) => ({ note: `number ${index}` }));
  const call = () => client.bulkCreateInvites({ invites, requestId: "all" });
  const answer = await call();
  assert.equal(
    answer.invites.map(({ note }) => note),
    invites.map(({ note }) => note),
  );
  assert.is(new Set(answer.invites.map(({ token }) => token)).size, 1_000);
  assert.equal((await call()).invites, answer.invites);
  assert.is((await client.listInvites({ pageSize: 1_000 })).nextPageToken, "");

  const reused = client.bulkCreateInvites({ invites: [{}], requestId: "all" });
  await rejects(reused, Code.InvalidArgument, ErrorReason.REQUEST_ID_REUSED);
  const single = client.createInvite({ requestId: "all" });
  await rejects(single, Code.InvalidArgument, ErrorReason.REQUEST_ID_REUSED);
  const faulty = client.bulkCreateInvites({ invites: [{}, { maxUses: -1 }] });
  const detail = await rejects(faulty, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  assert.is(detail.metadata.field, "invites[1].max_uses");
  for (const count of [0, 1_001]) {
    const wanted = Array.from({ length: count }, () => ({}));
    const call = client.bulkCreateInvites({ invites: wanted });
    await rejects(call, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  }
  assert.is((await client.listInvites({ pageSize: 1_000 })).nextPageToken, "");
});

purposes("are listed by state", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invites } = await client.bulkCreateInvites({
    invites: [{}, {}, {}, { expiration: { case: "ttl", value: { seconds: 1n } } }],
  });
  const [pending, revoked, redeemed, expired] = invites.map(({ token }) => token);
  await client.revokeInvite({ token: revoked ?? "" });
  await client.redeemInvite({ token: redeemed ?? "", username: "carol", password: PASSWORD });
  const list = async (state: InviteState) =>
    (await client.listInvites({ state })).invites.map(({ token }) => token);
  const deadline = Date.now() + PATIENCE_MS;
  while ((await list(InviteState.EXPIRED)).length === 0 && Date.now() < deadline);
  assert.equal(await list(InviteState.PENDING), [pending]);
  assert.equal(await list(InviteState.REVOKED), [revoked]);
  assert.equal(await list(InviteState.REDEEMED), [redeemed]);
  assert.equal(await list(InviteState.EXPIRED), [expired]);
  assert.equal(await list(InviteState.UNKNOWN), []);
  assert.is((await list(InviteState.UNSPECIFIED)).length, 4);
  const odd = client.listInvites({ state: 77 as InviteState });
  await rejects(odd, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
});

purposes("stay when an invite is sent anew, under another token", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const request = { purpose: InvitePurpose.GROUP, maxUses: 2, note: "for the team" };
  const created = (await client.createInvite(request)).invite;
  const token = created?.token ?? "";
  await client.redeemInvite({ token, username: "carol", password: PASSWORD });
  const resent = (await client.resendInvite({ token })).invite;
  assert.is(resent?.id, created?.id);
  assert.is.not(resent?.token, token);
  assert.is(resent?.uri, `xmpp:example.com?register;preauth=${resent?.token}`);
  assert.equal([resent?.uses, resent?.maxUses, resent?.note], [1, 2, "for the team"]);
  assert.equal(resent?.expireTime, created?.expireTime);
  await rejects(client.getInvite({ token }), Code.NotFound, ErrorReason.INVITE_NOT_FOUND);
  assert.is((await doorman.fetch(`/invite?${token}`)).status, 404);
  await client.revokeInvite({ id: created?.id ?? "" });
  const late = client.resendInvite({ id: created?.id ?? "" });
  await rejects(late, Code.FailedPrecondition, ErrorReason.INVITE_REVOKED);
});

purposes("are named by token or id, and by nothing of another host", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { id = "", token = "" } = (await client.createInvite({})).invite ?? {};
  assert.is((await client.getInvite({ id })).invite?.token, token);
  const both = client.getInvite({ id, token });
  await rejects(both, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  const other = doorman.client(InviteService, await doorman.createKey("localhost"));
  await rejects(other.getInvite({ id }), Code.NotFound, ErrorReason.INVITE_NOT_FOUND);
  const redeemed = other.redeemInvite({ token, username: "carol", password: PASSWORD });
  await rejects(redeemed, Code.NotFound, ErrorReason.INVITE_NOT_FOUND);
});

purposes.run();
