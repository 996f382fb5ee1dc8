import { readdirSync } from "node:fs";
import { join } from "node:path";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { InvitePurpose, InviteState } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { sha256 } from "../src/crypto/digest.js";
import { openDatabase } from "../src/database/database.js";
import { RedemptionStore } from "../src/invites/redemption/redemption-store.js";
import { TestDoorman } from "./support/doorman.js";
import { startProsody } from "./support/prosody.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";
import { XmppUser } from "./support/xmpp-user.js";

const PASSWORD = "correct horse battery";
const CROWD = 200;

const redeeming = suite<{ doorman: TestDoorman; key: string }>("RedeemInvite");

redeeming.before.each(async (context) => {
  context.doorman = await TestDoorman.start({ invites: { reserved_usernames: ["Boss"] } });
  context.key = await context.doorman.createKey("example.com");
});
redeeming.after.each(async ({ doorman }) => doorman?.close());

redeeming(`gives one of ${CROWD} at once the one account`, async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const token = (await client.createInvite({})).invite?.token ?? "";
  const names = Array.from({ length: CROWD }, (_, index) => `guest${index}`);
  const outcomes = await Promise.allSettled(
    names.map((username) => client.redeemInvite({ token, username, password: PASSWORD })),
  );
  assert.is(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") continue;
    await rejects(
      Promise.reject(outcome.reason),
      Code.FailedPrecondition,
      ErrorReason.INVITE_REDEEMED,
    );
  }
  const { invite } = await client.getInvite({ token });
  assert.is(invite?.uses, 1);
  assert.is(invite?.redeemedBy.length, 1);
});

redeeming("serves a group until its uses run out", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({ purpose: InvitePurpose.GROUP, maxUses: 3 });
  const token = invite?.token ?? "";
  const redeem = (username: string) => client.redeemInvite({ token, username, password: PASSWORD });
  for (const username of ["one", "two", "three"]) await redeem(username);
  await rejects(redeem("four"), Code.FailedPrecondition, ErrorReason.INVITE_REDEEMED);
  const seen = (await client.getInvite({ token })).invite;
  assert.equal(seen?.redeemedBy.map(({ userJid }) => userJid).sort(), [
    "one@example.com",
    "three@example.com",
    "two@example.com",
  ]);
});

redeeming("of a group are listed page by page, the latest first", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({ purpose: InvitePurpose.GROUP });
  const { token = "", id = "" } = invite ?? {};
  assert.equal((await client.listRedemptions({ token })).redemptions, []);
  const names = Array.from({ length: 105 }, (_, index) => `guest${index}`);
  await Promise.all(
    names.map((username) => client.redeemInvite({ token, username, password: PASSWORD })),
  );
  assert.is((await client.getInvite({ token })).invite?.redeemedBy.length, 100);
  const first = await client.listRedemptions({ token, pageSize: 60 });
  assert.is(first.redemptions.length, 60);
  const pageToken = first.nextPageToken;
  const second = await client.listRedemptions({ id, pageSize: 60, pageToken });
  assert.is(second.nextPageToken, "");
  const all = [...first.redemptions, ...second.redemptions];
  const users = names.map((username) => `${username}@example.com`);
  assert.equal(all.map(({ userJid }) => userJid).sort(), users.sort());
  const times = all.map(({ redeemTime }) => Number(redeemTime && timestampMs(redeemTime)));
  assert.equal(
    times,
    [...times].sort((one, other) => other - one),
  );
  // A page of one invite is none of another's.
  const other = (await client.createInvite({})).invite?.id ?? "";
  const strange = client.listRedemptions({ id: other, pageToken });
  await rejects(strange, Code.InvalidArgument, ErrorReason.INVALID_PAGE_TOKEN);
});

redeeming("gives one name to one of two invites", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invites } = await client.bulkCreateInvites({ invites: [{}, {}] });
  const outcomes = await Promise.allSettled(
    invites.map(({ token }, index) =>
      client.redeemInvite({ token, username: "carol", password: `${PASSWORD}${index}` }),
    ),
  );
  assert.is(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  const uses = (await client.listInvites({})).invites.map((invite) => invite.uses);
  assert.equal(uses.sort(), [0, 1]);
});

const closed: [string, ErrorReason, (context: Closing) => Promise<unknown>][] = [
  ["revoked", ErrorReason.INVITE_REVOKED, ({ client, token }) => client.revokeInvite({ token })],
  [
    "redeemed",
    ErrorReason.INVITE_REDEEMED,
    ({ client, token }) => client.redeemInvite({ token, username: "dave", password: PASSWORD }),
  ],
  ["resent", ErrorReason.INVITE_NOT_FOUND, ({ client, token }) => client.resendInvite({ token })],
];
interface Closing {
  client: ReturnType<typeof TestDoorman.prototype.client<typeof InviteService>>;
  token: string;
}
for (const [state, reason, close] of closed) {
  redeeming(`refuses the token of an invite that was ${state}`, async ({ doorman, key }) => {
    const client = doorman.client(InviteService, key);
    const token = (await client.createInvite({})).invite?.token ?? "";
    await close({ client, token });
    const call = client.redeemInvite({ token, username: "carol", password: PASSWORD });
    const code = state === "resent" ? Code.NotFound : Code.FailedPrecondition;
    await rejects(call, code, reason);
  });
}

const refused: [string, { username: string; password: string }, string][] = [
  ["a reserved name", { username: "Admin", password: PASSWORD }, "username"],
  ["a name that the configuration reserves", { username: "boss", password: PASSWORD }, "username"],
  ["a reserved name with a Cyrillic а", { username: "Аdmin", password: PASSWORD }, "username"],
  ["a reserved name with a Greek ο", { username: "rοot", password: PASSWORD }, "username"],
  ["a name of dots", { username: "..", password: PASSWORD }, "username"],
  ["a name of 65 characters", { username: "a".repeat(65), password: PASSWORD }, "username"],
  ["a name that is no JID's", { username: "a b", password: PASSWORD }, "username"],
  ["no name", { username: "", password: PASSWORD }, "username"],
  ["a password of 7 characters", { username: "carol", password: "1234567" }, "password"],
  ["a password of 257 characters", { username: "carol", password: "x".repeat(257) }, "password"],
  ["a password with a line end", { username: "carol", password: "1234567\n8" }, "password"],
  ["a password with an emoji", { username: "carol", password: "correct horse 🐴" }, "password"],
  ["a password in two directions", { username: "carol", password: "مرحبا بالعالم2" }, "password"],
  [
    "a password with a mark of direction",
    { username: "carol", password: "horse\u200e battery" },
    "password",
  ],
  ["no password", { username: "carol", password: "" }, "password"],
];
for (const [what, message, field] of refused) {
  redeeming(`refuses ${what}, and keeps the use`, async ({ doorman, key }) => {
    const client = doorman.client(InviteService, key);
    const token = (await client.createInvite({})).invite?.token ?? "";
    const call = client.redeemInvite({ token, ...message });
    const detail = await rejects(call, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
    assert.is(detail.metadata.field, field);
    assert.is((await client.getInvite({ token })).invite?.state, InviteState.PENDING);
  });
}

redeeming("claims nothing with a token that was replaced meanwhile", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { token = "", id = "" } = (await client.createInvite({})).invite ?? {};
  await client.resendInvite({ token });
  const database = await openDatabase(doorman.dataFolder);
  const found = { id, token_sha256: sha256(token) };
  const store = new RedemptionStore(database);
  assert.is(await store.claim(found, "carol@example.com", Date.now(), 1_000), "closed");
  await database.destroy();
  assert.is((await client.getInvite({ id })).invite?.uses, 0);
});

redeeming("keeps to the name that an invite presets", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const token = (await client.createInvite({ username: "Carol" })).invite?.token ?? "";
  const other = client.redeemInvite({ token, username: "dave", password: PASSWORD });
  await rejects(other, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  const { userJid } = await client.redeemInvite({ token, username: "CAROL", password: PASSWORD });
  assert.is(userJid, "carol@example.com");
});

redeeming.run();

if (prosodyIsThere("RedeemInvite on Prosody")) {
  const real = suite("RedeemInvite on Prosody");
  real(`gives one of ${CROWD} at once the one account`, async () => {
    const prosody = await startProsody();
    process.env.DOORMAN_XMPP_PASSWORD = prosody.password("doorman");
    const doorman = await TestDoorman.start({
      xmpp: { service: prosody.service, jid: prosody.adminJid },
      invites: { issuer: "doorman" },
    });
    try {
      await doorman.untilReady();
      const client = doorman.client(InviteService, await doorman.createKey("example.com"));
      const token = (await client.createInvite({})).invite?.token ?? "";
      const names = Array.from({ length: CROWD }, (_, index) => `guest${index}`);
      const outcomes = await Promise.allSettled(
        names.map((username) => client.redeemInvite({ token, username, password: PASSWORD })),
      );
      const got = names.filter((_, index) => outcomes[index]?.status === "fulfilled");
      assert.is(got.length, 1);
      const winner = await XmppUser.login(prosody, got[0] ?? "", PASSWORD);
      await winner.close();
      const folder = join(prosody.folder, "data", "example%2ecom", "accounts");
      const accounts = readdirSync(folder).filter((file) => file.startsWith("guest"));
      assert.equal(accounts, [`${got[0]}.dat`]);
    } finally {
      await doorman.close();
      await prosody.stop();
    }
  });

  real("is refused where nobody can register by invite, and gives the use back", async () => {
    const prosody = await startProsody({ modules: ["admin_shell"] });
    process.env.DOORMAN_XMPP_PASSWORD = prosody.password("doorman");
    const doorman = await TestDoorman.start({
      xmpp: { service: prosody.service, jid: prosody.adminJid },
      invites: { issuer: "server" },
    });
    try {
      await doorman.untilReady();
      const client = doorman.client(InviteService, await doorman.createKey("example.com"));
      const token = (await client.createInvite({})).invite?.token ?? "";
      await prosody.unloadModule("invites_register", "example.com");
      const call = client.redeemInvite({ token, username: "carol", password: PASSWORD });
      await rejects(call, Code.Unimplemented, ErrorReason.SERVER_LACKS_FEATURE);
      // The use was given back.
      assert.is((await client.getInvite({ token })).invite?.state, InviteState.UNKNOWN);
    } finally {
      await doorman.close();
      await prosody.stop();
    }
  });

  real.run();
}
