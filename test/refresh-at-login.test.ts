import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { configurationSchema } from "../src/configuration/configuration.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { type Prosody, startProsody } from "./support/prosody.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";
import { TestContactsApp } from "./support/test-contacts-app.js";
import { XmppUser } from "./support/xmpp-user.js";

const SUITE = "Prosody: rosters are refreshed at login";

interface Context {
  prosody: Prosody;
  app: TestContactsApp;
  doorman: TestDoorman;
  users: XmppUser[];
}

const logins = suite<Context>(SUITE);

logins.before.each(async (context) => {
  context.users = [];
  context.prosody = await startProsody();
  context.app = await TestContactsApp.start();
  process.env.DOORMAN_XMPP_PASSWORD = context.prosody.password("doorman");
});
logins.after.each(async ({ prosody, app, doorman, users }) => {
  for (const user of users) await user.close();
  await doorman?.close().catch(() => {});
  await app?.close();
  await prosody?.stop();
});

logins("once in the interval, and pushed to the client", async (context) => {
  const { app, doorman } = await start(context, "1h");
  app.rosters.set("john", { "marie@example.com": { name: "Marie" } }).set("aaron", {});
  const john = await logIn(context, "john");
  await john.roster();
  await until(async () => (await john.roster()).some(({ jid }) => jid === "marie@example.com"));
  await john.close();
  await logIn(context, "john");
  // What is told of one after the other is asked for in that order.
  await logIn(context, "aaron");
  await until(async () => app.requests.some(({ line }) => line.endsWith("/aaron")));
  assert.equal(
    app.requests.map(({ line }) => line),
    ["GET /contacts/john", "GET /contacts/aaron"],
  );
  assert.not.match(doorman.log, "refresh_at_login has no effect: ");
});

logins("again when the interval is over, and of those who were online before", async (context) => {
  context.app.rosters.set("john", {});
  await logIn(context, "john");
  const { app } = await start(context, "1s");
  await until(async () => app.requests.length === 1);
  await sleep(1_100);
  await logIn(context, "john");
  await until(async () => app.requests.length === 2);
});

logins("never when it is not configured", async (context) => {
  const { app, doorman } = await start(context, undefined);
  const john = await logIn(context, "john");
  await john.roster();
  const key = await doorman.createKey("example.com");
  await doorman.rpc("RosterService/RefreshRosters", key, { usernames: ["aaron"] });
  assert.equal(
    app.requests.map(({ line }) => line),
    ["GET /contacts/aaron"],
  );
});

logins("and a failure is logged, without an end to anything", async (context) => {
  const { app, doorman } = await start(context, "1h");
  app.rosters.set("john", 404).set("aaron", {});
  await logIn(context, "john");
  await until(async () => doorman.log.includes("a roster could not be refreshed at login"));
  await logIn(context, "aaron");
  await until(async () => app.requests.some(({ line }) => line.endsWith("/aaron")));
});

const settings = suite("refresh_at_login");

settings("needs a roster_url", () => {
  const read = configurationSchema.safeParse({
    hosts: { "example.com": { refresh_at_login: "15m" } },
  });
  assert.match(read.error?.issues[0]?.message ?? "", "needs roster_url");
  const wrong = configurationSchema.safeParse({
    hosts: { "example.com": { refresh_at_login: "soon", roster_url: "http://a.example/%s" } },
  });
  assert.match(wrong.error?.issues[0]?.message ?? "", "such as 15m");
});

settings("is said to have no effect where the server tells of no logins", async () => {
  const doorman = await TestDoorman.start({ hosts: { "example.com": host("15m", "http://a/%s") } });
  await doorman.close();
  assert.match(doorman.log, "refresh_at_login has no effect");
});

if (prosodyIsThere(SUITE)) logins.run();
settings.run();

function host(interval: string | undefined, rosterUrl: string) {
  return { roster_url: rosterUrl, ...(interval && { refresh_at_login: interval }) };
}

async function start(context: Context, interval: string | undefined): Promise<Context> {
  const { prosody, app } = context;
  context.doorman = await TestDoorman.start({
    hosts: { "example.com": host(interval, app.rosterUrl) },
    xmpp: { service: prosody.service, jid: prosody.adminJid },
  });
  await context.doorman.untilReady();
  return context;
}

async function logIn({ prosody, users }: Context, username: string): Promise<XmppUser> {
  const user = await XmppUser.login(prosody, username);
  users.push(user);
  return user;
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isDone())) {
    assert.ok(Date.now() < deadline, "it took too long");
    await sleep(50);
  }
}
