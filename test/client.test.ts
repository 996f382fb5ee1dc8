import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { ConnectError } from "@connectrpc/connect";
import * as client from "doorman-xmpp-client";
import {
  Code,
  createDoorman,
  type Doorman,
  DoormanError,
  ErrorReason,
  InviteState,
} from "doorman-xmpp-client";
import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import { FlakyProxy } from "./support/flaky-proxy.js";
import { suite } from "./support/suite.js";

const SNUGGERY = "snuggery@chat.example.org";
const USER_IN_ROOM = { userJid: "user@localhost", roomJid: "room@conference.localhost" };
const HAT = "https://example.com/hats/host";

interface Context {
  server: TestDoorman;
  key: string;
  doorman: Doorman;
  proxies: FlakyProxy[];
}

async function start(context: Context): Promise<void> {
  context.server = await TestDoorman.start();
  context.key = await context.server.createKey("example.com");
  context.doorman = createDoorman({ baseUrl: context.server.url, key: context.key });
  context.proxies = [];
}

async function stop({ server, proxies }: Context): Promise<void> {
  for (const proxy of proxies) proxy.close();
  await server.close();
}

async function proxied(context: Context, refusals: number, timeoutMs?: number) {
  const proxy = await FlakyProxy.start(context.server.url, refusals);
  context.proxies.push(proxy);
  const doorman = createDoorman({ baseUrl: proxy.url, key: context.key, timeoutMs });
  return { proxy, doorman };
}

async function errorOf(call: Promise<unknown>): Promise<DoormanError> {
  const error = await call.then(
    () => assert.unreachable("the call succeeded"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DoormanError, String(error));
  return error as DoormanError;
}

const services = suite<Context>("the typed client calls every service");
services.before.each(start);
services.after.each(stop);

services("invites", async ({ doorman: { invites } }) => {
  const { invite } = await invites.createInvite({ note: "for Marie" });
  assert.is(invite?.state, InviteState.PENDING);
  assert.equal((await invites.listInvites({})).invites, [invite]);
});

services("rooms", async ({ doorman: { rooms } }) => {
  await rooms.kickOccupant({ roomJid: SNUGGERY, nickname: "Bob" });
  const { occupants } = await rooms.listOccupants({ roomJid: SNUGGERY });
  assert.equal(
    occupants.map(({ nickname }) => nickname),
    ["Alice", "Carol", "Marie"],
  );
});

services("rosters", async ({ doorman: { rosters } }) => {
  const { updated, results } = await rosters.refreshRosters({ usernames: ["john"] });
  assert.is(updated, 1);
  assert.is(results[0]?.outcome.case, "changes");
  const { contacts } = await rosters.getRoster({ userJid: "john@example.com" });
  assert.equal(
    contacts.map(({ jid }) => jid),
    ["marie@example.com", "michael@example.com"],
  );
});

services("hats", async ({ server }) => {
  const key = await server.createKey("localhost");
  const { hats } = createDoorman({ baseUrl: server.url, key });
  await hats.addUserHat({ ...USER_IN_ROOM, hatId: HAT, attachment: { active: true } });
  const answer = await hats.getUserHats(USER_IN_ROOM);
  assert.is(answer.hats[HAT]?.active, true);
});

services("exports all that the contract has", () => {
  const gen = new URL("../gen/doorman/v1/", import.meta.url);
  const files = readdirSync(gen).filter((file) => file.endsWith("_pb.js"));
  assert.ok(files.length >= 9);
  return Promise.all(
    files
      // The contract's own options: they say something to Doorman and its generators alone.
      .filter((file) => file !== "options_pb.js")
      .map(async (file) => {
        for (const name of Object.keys(await import(new URL(file, gen).href))) {
          assert.ok(name in client, `${name} of ${file} is not exported`);
        }
      }),
  ).then(() => {});
});

services.run();

const errors = suite<Context>("the typed client decodes errors");
errors.before.each(start);
errors.after.each(stop);

errors("has the reason of what Doorman refuses, and what it is about", async ({ doorman }) => {
  const error = await errorOf(doorman.rooms.listOccupants({ roomJid: "snuggery" }));
  assert.is(error.code, Code.InvalidArgument);
  assert.is(error.reason, ErrorReason.INVALID_FIELD);
  assert.equal(error.detail.metadata, { field: "room_jid" });
  assert.is(error.stanza, undefined);
  assert.match(error.message, "[invalid_argument] room_jid");
});

errors("has the stanza error of what the chat server refuses", async ({ doorman }) => {
  const call = doorman.rooms.kickOccupant({ roomJid: SNUGGERY, nickname: "Alice" });
  const error = await errorOf(call);
  assert.is(error.code, Code.FailedPrecondition);
  assert.is(error.reason, ErrorReason.SERVER_REFUSED);
  assert.is(error.stanza?.condition, "not-allowed");
  assert.is(error.stanza?.type, "cancel");
  assert.is(error.stanza?.by, SNUGGERY);
});

errors("are ConnectErrors, and no other error is one of them", async ({ doorman }) => {
  const error = await errorOf(doorman.rosters.getRoster({ userJid: "nobody@example.com" }));
  assert.is(error.reason, ErrorReason.USER_NOT_FOUND);
  assert.ok(error instanceof ConnectError);
  assert.not.ok(new ConnectError("another", Code.NotFound) instanceof DoormanError);
  assert.not.ok(new Error("another") instanceof DoormanError);
});

errors("say that a key is not known", async ({ server }) => {
  const stranger = createDoorman({ baseUrl: server.url, key: "AAAAAAAA/BBBB" });
  const error = await errorOf(stranger.invites.listInvites({}));
  assert.is(error.code, Code.Unauthenticated);
  assert.is(error.reason, ErrorReason.KEY_INVALID);
});

errors("never quote a key that cannot be sent", ({ server }) => {
  for (const key of ["", "two\nlines", "spaced out"]) {
    let message = "";
    try {
      createDoorman({ baseUrl: server.url, key });
    } catch (error) {
      assert.instance(error, TypeError);
      message = (error as Error).message;
    }
    assert.is(message, "key: expected ID/TOKEN");
  }
});

errors("are Unavailable when nobody is there", async ({ key }) => {
  const url = await urlOfNobody();
  const nobody = createDoorman({ baseUrl: url, key });
  const error = await errorOf(nobody.invites.listInvites({}));
  assert.is(error.code, Code.Unavailable);
  assert.is(error.reason, ErrorReason.UNSPECIFIED);
  assert.match(error.rawMessage, `could not be reached at ${url}`);
  assert.match(error.rawMessage, "ECONNREFUSED");
});

errors.run();

const retries = suite<Context>("the typed client repeats what is safe to repeat");
retries.before.each(start);
retries.after.each(stop);

retries("tries an idempotent call again while it is Unavailable", async (context) => {
  const { proxy, doorman } = await proxied(context, 2);
  const { occupants } = await doorman.rooms.listOccupants({ roomJid: SNUGGERY });
  assert.is(occupants.length, 4);
  assert.is(proxy.requests.length, 3);
});

retries("gives up after three tries", async (context) => {
  const { proxy, doorman } = await proxied(context, 99);
  const error = await errorOf(doorman.rosters.getRoster({ userJid: "john@example.com" }));
  assert.is(error.code, Code.Unavailable);
  assert.is(proxy.requests.length, 3);
});

retries("tries a call once that is not idempotent", async (context) => {
  const { proxy, doorman } = await proxied(context, 1);
  const kick = doorman.rooms.kickOccupant({ roomJid: SNUGGERY, nickname: "Bob" });
  assert.is((await errorOf(kick)).code, Code.Unavailable);
  assert.is(proxy.requests.length, 1);
  const { occupants } = await context.doorman.rooms.listOccupants({ roomJid: SNUGGERY });
  assert.ok(occupants.some(({ nickname }) => nickname === "Bob"));
});

retries("does not repeat what failed with another code", async (context) => {
  const { proxy, doorman } = await proxied(context, 0);
  await errorOf(doorman.rosters.getRoster({ userJid: "nobody@example.com" }));
  assert.is(proxy.requests.length, 1);
});

retries("does not begin another try that the deadline leaves no time for", async (context) => {
  // The first pause is 100 ms at the least.
  const { proxy, doorman } = await proxied(context, 99, 90);
  await errorOf(doorman.rooms.listOccupants({ roomJid: SNUGGERY }));
  // None, where the deadline passed before even the first had arrived.
  assert.ok(proxy.requests.length <= 1);
});

retries("stops when the caller cancels", async (context) => {
  const { proxy, doorman } = await proxied(context, 99);
  const controller = new AbortController();
  const { signal } = controller;
  const call = errorOf(doorman.rooms.listOccupants({ roomJid: SNUGGERY }, { signal }));
  controller.abort();
  assert.is((await call).code, Code.Canceled);
  assert.ok(proxy.requests.length <= 1);
});

retries.run();

const deadlines = suite<Context>("the typed client's calls have a deadline");
deadlines.before.each(start);
deadlines.after.each(stop);

deadlines("which ends a call that nobody answers", async (context) => {
  const silent = await FlakyProxy.start(undefined, 0);
  context.proxies.push(silent);
  const { key } = context;
  const short = createDoorman({ baseUrl: silent.url, key, timeoutMs: 200 });
  const ofAll = await errorOf(short.rooms.listOccupants({ roomJid: SNUGGERY }));
  assert.is(ofAll.code, Code.DeadlineExceeded);
  assert.is(ofAll.reason, ErrorReason.UNSPECIFIED);
  const long = createDoorman({ baseUrl: silent.url, key });
  const call = long.rooms.listOccupants({ roomJid: SNUGGERY }, { timeoutMs: 200 });
  assert.is((await errorOf(call)).code, Code.DeadlineExceeded);
});

deadlines("which Doorman is told: 30 s, and 10 minutes for a refresh", async (context) => {
  const { proxy, doorman } = await proxied(context, 0);
  await doorman.rooms.listOccupants({ roomJid: SNUGGERY });
  await doorman.rosters.refreshRosters({ usernames: ["john"] });
  await doorman.rooms.listOccupants({ roomJid: SNUGGERY }, { timeoutMs: 0 });
  const told = proxy.requests.map(({ headers }) => headers["connect-timeout-ms"]);
  assert.is(told.length, 3);
  assert.is(Math.round(Number(told[0]) / 1000), 30);
  assert.is(Math.round(Number(told[1]) / 1000), 600);
  assert.is(told[2], undefined);
});

deadlines("which may be a fraction, or longer than a timer runs", async (context) => {
  const { proxy, doorman } = await proxied(context, 0);
  await doorman.rooms.listOccupants({ roomJid: SNUGGERY }, { timeoutMs: 1e11 });
  await doorman.rooms.listOccupants({ roomJid: SNUGGERY }, { timeoutMs: 9999.5 });
  const told = proxy.requests.map(({ headers }) => Number(headers["connect-timeout-ms"]));
  assert.is(told[0], 2 ** 31 - 1);
  assert.ok(Number.isInteger(told[1]));
});

deadlines("and go through the caller's own fetch", async ({ server, key }) => {
  const paths: string[] = [];
  const doorman = createDoorman({
    baseUrl: server.url,
    key,
    fetch: (input, init) => {
      paths.push(new URL(String(input)).pathname);
      return fetch(input, init);
    },
  });
  await doorman.rooms.listOccupants({ roomJid: SNUGGERY });
  assert.equal(paths, ["/doorman.v1.RoomService/ListOccupants"]);
});

deadlines.run();

const addresses = suite<Context>("the address that the typed client is given");
addresses.before.each(start);
addresses.after.each(stop);

addresses("is that of a web server", () => {
  for (const baseUrl of ["", "localhost:5280", "ftp://localhost", "http://a:b@c", "http://c/?d"]) {
    assert.throws(() => createDoorman({ baseUrl, key: "ID/TOKEN" }), /^baseUrl: expected/, baseUrl);
  }
});

addresses("is not left for another one, which would get the key", async ({ server, key }) => {
  let asked = 0;
  const elsewhere = createHttpServer((_request, response) => {
    asked += 1;
    response.writeHead(307, { Location: `${server.url}/` }).end();
  }).listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  try {
    const { port } = elsewhere.address() as { port: number };
    const doorman = createDoorman({ baseUrl: `http://127.0.0.1:${port}`, key });
    const error = await errorOf(doorman.rooms.listOccupants({ roomJid: SNUGGERY }));
    assert.is(error.code, Code.FailedPrecondition);
    assert.match(error.rawMessage, `leads elsewhere, to ${server.url}/`);
    assert.is(asked, 1);
  } finally {
    elsewhere.close();
    elsewhere.closeAllConnections();
  }
});

addresses.run();

/** A loopback port that was free a moment ago. */
function urlOfNobody(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(`http://127.0.0.1:${port}`));
    });
  });
}
