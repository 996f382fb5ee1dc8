import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { pino } from "pino";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { InviteState } from "../gen/doorman/v1/invite_pb.js";
import { CreateInviteRequestSchema, InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { ProtectedUsers } from "../src/accounts/protected-users.js";
import { UsernameRules } from "../src/accounts/username.js";
import type { ChatServer } from "../src/chat-server/chat-server.js";
import { openDatabase } from "../src/database/database.js";
import { Hosts } from "../src/hosts/hosts.js";
import { createInvite } from "../src/invites/create-invite.js";
import { InviteStore } from "../src/invites/invite-store.js";
import { KeyedLock } from "../src/waiting/keyed-lock.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const requests = suite<{ doorman: TestDoorman; key: string }>("CreateInvite with a request_id");

requests.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
requests.after.each(async ({ doorman }) => doorman?.close());

const requestId = "order-4711";
const ttl = (ms: number) => ({ case: "ttl" as const, value: durationFromMs(ms) });

requests("answers the first invite to the same request", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const request = { requestId, username: "carol", note: "a", expiration: ttl(60_000) };
  const first = await client.createInvite(request);
  assert.equal(await client.createInvite(request), first);
  // Spelt out, it is still the same request.
  assert.equal(await client.createInvite({ ...request, host: "EXAMPLE.com" }), first);
  assert.is((await client.listInvites({})).invites.length, 1);
});

requests("answers the first invite as it is now", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({ requestId });
  await client.revokeInvite({ token: invite?.token ?? "" });
  const again = await client.createInvite({ requestId });
  assert.is(again.invite?.token, invite?.token);
  assert.is(again.invite?.state, InviteState.REVOKED);
});

requests("refuses every different request under the same id", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  await client.createInvite({ requestId });
  for (const request of [
    { username: "carol" },
    { note: "a" },
    { maxUses: 2 },
    { expiration: ttl(60_000) },
  ]) {
    const answer = client.createInvite({ requestId, ...request });
    const reason = ErrorReason.REQUEST_ID_REUSED;
    const detail = await rejects(answer, Code.InvalidArgument, reason);
    assert.is(detail.metadata.field, "request_id");
  }
  assert.is((await client.listInvites({})).invites.length, 1);
});

requests("creates an invite at each call without one", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  await client.createInvite({ note: "a" });
  await client.createInvite({ note: "a" });
  assert.is((await client.listInvites({})).invites.length, 2);
});

requests("makes one invite of 50 calls at once", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const call = () => client.createInvite({ requestId, note: "a" });
  const answers = await Promise.all(Array.from({ length: 50 }, call));
  assert.is(new Set(answers.map(({ invite }) => invite?.token)).size, 1);
  assert.is((await client.listInvites({})).invites.length, 1);
});

requests("makes one invite of calls that find none at the same moment", async (context) => {
  const database = await openDatabase(context.doorman.dataFolder);
  const inviteStore = new InviteStore(database);
  const grants = new Set(["invites.create"]);
  const caller = { keyId: "AAAAAAAA", host: "example.com", grants };
  let waiting = 0;
  let release = () => {};
  const allHaveLooked = new Promise<void>((resolve) => {
    release = resolve;
  });
  // A server takes its time to issue an invite: all calls look for a first one before any stores it.
  const chatServer = {
    invites: {
      async createAccountInvite(host: string) {
        waiting += 1;
        if (waiting === 5) release();
        await Promise.race([allHaveLooked, pause(2_000, undefined, { ref: false })]);
        const token = randomUUID();
        return { token, uri: `xmpp:${host}`, landingPageUrl: undefined, expireTime: undefined };
      },
    },
  } as unknown as ChatServer;
  const dependencies = {
    hosts: new Hosts({ "example.com": {} }, chatServer, pino({ level: "silent" })),
    chatServer,
    inviteStore,
    issuer: "server" as const,
    defaultLifetimeMs: 60_000,
    publicUrl: "http://localhost",
    usernameRules: new UsernameRules([]),
    protectedUsers: new ProtectedUsers(chatServer.accounts, new Set()),
  };
  const message = create(CreateInviteRequestSchema, { requestId });
  const signal = AbortSignal.timeout(PATIENCE_MS);
  // Each call has a lock of its own, as if it came to another process.
  const call = () =>
    createInvite({ ...dependencies, requestLock: new KeyedLock() }, caller, message, signal);
  const answers = await Promise.all([call(), call(), call(), call(), call()]);
  const stored = await inviteStore.list("example.com", InviteState.UNSPECIFIED, 10, undefined);
  await database.destroy();
  assert.is(new Set(answers.map(({ token }) => token)).size, 1);
  assert.equal(
    stored.map(({ token }) => token),
    [answers[0]?.token],
  );
});

requests("lets one of two different requests at once win", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const notes = ["a", "b", "a", "b", "a", "b"];
  const outcomes = await Promise.allSettled(
    notes.map((note) => client.createInvite({ requestId, note })),
  );
  const { invites } = await client.listInvites({});
  assert.is(invites.length, 1);
  for (const [index, outcome] of outcomes.entries()) {
    assert.is(outcome.status === "fulfilled", notes[index] === invites[0]?.note);
  }
});

requests("is another id under another key, of any host", async ({ doorman, key }) => {
  const tokens = new Set<string | undefined>();
  const sameHost = await doorman.createKey("example.com");
  for (const caller of [key, sameHost, await doorman.createKey("localhost")]) {
    const { invite } = await doorman.client(InviteService, caller).createInvite({ requestId });
    tokens.add(invite?.token);
  }
  assert.is(tokens.size, 3);
});

requests("stores nothing under an id whose request was refused", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const refused = client.createInvite({ requestId, maxUses: -1 });
  await rejects(refused, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  await client.createInvite({ requestId });
});

requests.run();
