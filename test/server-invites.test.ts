import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { SandboxService } from "../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { InviteState } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";
import { storeInvite } from "./support/store-invite.js";
import { suite } from "./support/suite.js";

const issued = suite<{ doorman: TestDoorman; key: string }>("invites that the server issues");

issued.before.each(async (context) => {
  context.doorman = await TestDoorman.start({ invites: { issuer: "server" } });
  context.key = await context.doorman.createKey("example.com");
});
issued.after.each(async ({ doorman }) => doorman?.close());

issued("have the server's token and URI, and a state that is not known", async (context) => {
  const { doorman, key } = context;
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({ note: "for Carol" });
  assert.is(invite?.state, InviteState.UNKNOWN);
  assert.is(invite?.uri, `xmpp:example.com?register;preauth=${invite?.token}`);
  assert.is(invite?.landingPageUrl, `${doorman.url}/invite?${invite?.token}`);
  assert.is(invite?.note, "for Carol");
  assert.is(invite?.maxUses, 1);
  assert.is(invite?.username, "");
  assert.ok(invite?.expireTime);
  assert.equal((await client.getInvite({ token: invite?.token ?? "" })).invite, invite);
  assert.equal((await client.listInvites({})).invites, [invite]);
});

const value = timestampFromMs(Date.now() + 3_600_000);
const unsupported = {
  username: { username: "carol" },
  ttl: { expiration: { case: "ttl" as const, value: durationFromMs(60_000) } },
  expire_time: { expiration: { case: "expireTime" as const, value } },
  max_uses: { maxUses: 2 },
};
for (const [field, request] of Object.entries(unsupported)) {
  issued(`cannot have ${field}, which is refused and never ignored`, async (context) => {
    const client = context.doorman.client(InviteService, context.key);
    const answer = client.createInvite(request);
    const detail = await rejects(answer, Code.Unimplemented, ErrorReason.ISSUER_UNSUPPORTED);
    assert.is(detail.metadata.field, field);
    assert.equal((await client.listInvites({})).invites, []);
  });
}

issued("may be asked for with max_uses 1, which is what they have", async ({ doorman, key }) => {
  const { invite } = await doorman.client(InviteService, key).createInvite({ maxUses: 1 });
  assert.is(invite?.maxUses, 1);
});

issued("cannot be revoked", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const token = (await client.createInvite({})).invite?.token ?? "";
  const answer = client.revokeInvite({ token });
  await rejects(answer, Code.Unimplemented, ErrorReason.ISSUER_UNSUPPORTED);
  assert.is((await client.getInvite({ token })).invite?.state, InviteState.UNKNOWN);
  const unknown = client.revokeInvite({ token: "unknown" });
  await rejects(unknown, Code.NotFound, ErrorReason.INVITE_NOT_FOUND);
});

issued("are created by /invites_api, which leads to Doorman's page", async ({ doorman, key }) => {
  const response = await doorman.fetch(`/invites_api?key=${key}`);
  assert.is(response.status, 201);
  const location = response.headers.get("Location") ?? "";
  assert.is(location.slice(0, -24), `${doorman.url}/invite?`);
  const page = await doorman.fetch(new URL(location).pathname + new URL(location).search);
  assert.is(page.status, 200);
  assert.match(await page.text(), `xmpp:example.com?register;preauth=${location.slice(-24)}`);
});

issued("are known as redeemed when the server takes them no more", async (context) => {
  const { doorman, key } = context;
  const client = doorman.client(InviteService, key);
  const [first = "", second = ""] = await Promise.all(
    [1, 2].map(async () => (await client.createInvite({})).invite?.token),
  );
  // Apps cannot connect to the sandbox: forgetting everything has the same effect.
  await doorman.client(SandboxService, key).reset({});
  assert.is((await client.getInvite({ token: first })).invite?.state, InviteState.REDEEMED);
  for (const path of [`/invite?${second}`, `/invite/redeem?${second}`]) {
    const page = await doorman.fetch(path);
    assert.is(page.status, 410);
    assert.match(await page.text(), "has already been used");
  }
  const asked = await doorman.fetch(`/invite/username?${second}`, { method: "POST" });
  assert.is(asked.status, 410);
  const { invites } = await client.listInvites({ state: InviteState.REDEEMED });
  assert.is(invites.length, 2);
});

issued("are Doorman's own when many are created at once", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invites } = await client.bulkCreateInvites({ invites: [{}, { username: "preset" }] });
  assert.equal(
    invites.map(({ state, username }) => [state, username]),
    [
      [InviteState.PENDING, ""],
      [InviteState.PENDING, "preset"],
    ],
  );
  const [token = ""] = invites.map((invite) => invite.token);
  const password = "correct horse battery";
  await client.redeemInvite({ token, username: "newcomer", password });
  await client.revokeInvite({ token: invites[1]?.token ?? "" });
});

issued("are one for each request id", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const call = () => client.createInvite({ requestId: "order-4711" });
  const answers = [...(await Promise.all([call(), call(), call()])), await call()];
  assert.is(new Set(answers.map(({ invite }) => invite?.token)).size, 1);
  assert.is((await client.listInvites({})).invites.length, 1);
});

issued("are as they were while the server does not tell", async (context) => {
  // It takes connections, and never says a word.
  const silent = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  const password = process.env.DOORMAN_XMPP_PASSWORD;
  try {
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    process.env.DOORMAN_XMPP_PASSWORD = "any";
    await context.doorman.close();
    context.doorman = await TestDoorman.start({
      hosts: { "example.com": {} },
      xmpp: { service: `xmpp://127.0.0.1:${port}`, jid: "doorman@example.com" },
    });
    const { doorman } = context;
    const token = await storeInvite(doorman, { issuer: "server" });
    assert.is((await doorman.fetch(`/invite?${token}`)).status, 200);
    const client = doorman.client(InviteService, await doorman.createKey("example.com"));
    assert.is((await client.getInvite({ token })).invite?.state, InviteState.UNKNOWN);
  } finally {
    silent.close();
    if (password === undefined) delete process.env.DOORMAN_XMPP_PASSWORD;
    else process.env.DOORMAN_XMPP_PASSWORD = password;
  }
});

issued.run();
