import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import * as assert from "uvu/assert";
import { InvitePurpose, InviteState } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { DEFAULT_GRANTS } from "../src/keys/grants.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { type Prosody, startProsody } from "./support/prosody.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { registerInBand } from "./support/register-in-band.js";
import { suite } from "./support/suite.js";
import { browserIsThere, PASSWORD, startBrowser, WebVisitor } from "./support/web-visitor.js";
import { XmppUser } from "./support/xmpp-user.js";

const GRANTS = [...DEFAULT_GRANTS, "invites.reset_password"];

interface Context {
  browser: Browser;
  doorman: TestDoorman;
  key: string;
  prosody: Prosody | undefined;
}

/** Ends what was started, and never throws. */
async function close({ browser, doorman, prosody }: Partial<Context>): Promise<void> {
  await browser?.close().catch(console.error);
  await doorman?.close().catch(console.error);
  await prosody?.stop().catch(console.error);
}

const real = suite<Context>("an account on Prosody, by a browser");

real.before.each(async (context) => {
  context.prosody = await startProsody();
  process.env.DOORMAN_XMPP_PASSWORD = context.prosody.password("doorman");
  context.doorman = await TestDoorman.start({
    hosts: { "example.com": {} },
    xmpp: { service: context.prosody.service, jid: context.prosody.adminJid },
    // Prosody does not tell who administers it.
    invites: { issuer: "doorman", protected_users: [] },
  });
  await context.doorman.untilReady();
  context.key = await context.doorman.createKey("example.com", GRANTS);
  context.browser = await startBrowser();
});
real.after.each(close);

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  real(`is made from the Location of the documented call, once (${how})`, async (context) => {
    const { doorman, browser, prosody } = context;
    assert.ok(prosody);
    const link = await doorman.createLink(context.key);
    const visitor = await WebVisitor.of(browser, doorman.url, { javaScriptEnabled });
    const late = await WebVisitor.of(browser, doorman.url, { javaScriptEnabled });
    for (const one of [visitor, late]) {
      assert.is(await one.open(link), 200);
      assert.is(await one.follow("a.button.first"), 200);
    }

    // A name that is taken first; the password need not be typed again.
    await visitor.fillIn("marie");
    assert.is(await visitor.follow("button.first"), 422);
    assert.is(await visitor.page.inputValue("#username"), "marie");
    assert.match(await visitor.page.innerText("#username-problem"), "marie@example.com is taken");
    await visitor.page.fill("#username", "Newcomer");
    assert.is(await visitor.follow("button.first"), 200);
    assert.is(await visitor.heading(), "Your account is ready");
    assert.match(await visitor.page.innerText("main"), "newcomer@example.com");

    const user = await XmppUser.login(prosody, "newcomer@example.com", PASSWORD);
    await user.close();

    // Whoever had the form open comes too late, and so does the link.
    await late.fillIn(`late${randomUUID().slice(0, 8)}`);
    assert.is(await late.follow("button.first"), 410);
    assert.match(await late.heading(), "has already been used");
    assert.is(await late.open(link), 410);
    assert.equal(late.faults, []);
    assert.equal(visitor.faults, []);
  });
}

real("has a new password after a reset, and the old one no longer", async (context) => {
  const { doorman, browser, prosody, key } = context;
  assert.ok(prosody);
  const { invite } = await doorman
    .client(InviteService, key)
    .createInvite({ purpose: InvitePurpose.PASSWORD_RESET, username: "john" });
  const visitor = await WebVisitor.of(browser, doorman.url, { width: 360 });
  await visitor.open(invite?.landingPageUrl ?? "");
  await visitor.follow("a.button.first");
  await visitor.page.fill("#password", PASSWORD);
  await visitor.page.fill("#repeat", PASSWORD);
  assert.is(await visitor.follow("button.first"), 200);
  assert.is(await visitor.heading(), "Your password has been changed");
  assert.equal(await visitor.findings(), []);
  await (await XmppUser.login(prosody, "john", PASSWORD)).close();
  const old = await XmppUser.login(prosody, "john").catch((error: Error) => error);
  assert.instance(old, Error);
});

real(
  "keeps what was typed while the server is away, and is made when it is back",
  async (context) => {
    const { doorman, browser, prosody, key } = context;
    assert.ok(prosody);
    const visitor = await WebVisitor.of(browser, doorman.url, { javaScriptEnabled: false });
    await visitor.open(await doorman.createLink(key));
    await visitor.follow("a.button.first");
    await visitor.fillIn("newcomer");
    await prosody.halt();
    assert.is(await visitor.follow("button.first"), 503);
    assert.match(await visitor.page.innerText("[role=alert]"), "cannot be reached");
    assert.is(await visitor.page.inputValue("#username"), "newcomer");
    await prosody.restart();
    await doorman.untilReady();
    assert.is(await visitor.follow("button.first"), 200);
    await (await XmppUser.login(prosody, "newcomer@example.com", PASSWORD)).close();
  },
);

const servers = suite<Context>("an account by an invite of Prosody's own, by a browser");

servers.before.each(async (context) => {
  context.prosody = await startProsody();
  process.env.DOORMAN_XMPP_PASSWORD = context.prosody.password("doorman");
  context.doorman = await TestDoorman.start({
    hosts: { "example.com": {} },
    xmpp: { service: context.prosody.service, jid: context.prosody.adminJid },
    invites: { issuer: "server" },
  });
  await context.doorman.untilReady();
  context.key = await context.doorman.createKey("example.com");
  context.browser = await startBrowser();
});
servers.after.each(close);

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  servers(`is made from the Location of the documented call, once (${how})`, async (context) => {
    const { doorman, browser, prosody, key } = context;
    assert.ok(prosody);
    const link = await doorman.createLink(key);
    const token = new URL(link).search.slice(1);
    const visitor = await WebVisitor.of(browser, doorman.url, { javaScriptEnabled });
    assert.is(await visitor.open(link), 200);
    const uri = `xmpp:example.com?register;preauth=${token}`;
    assert.is(await visitor.page.getAttribute("a.button.first", "href"), uri);
    if (javaScriptEnabled) assert.equal(await visitor.findings(), []);
    assert.is(await visitor.follow("a.button:not(.first)"), 200);
    await visitor.fillIn("newcomer");
    assert.is(await visitor.follow("button.first"), 200);
    assert.is(await visitor.heading(), "Your account is ready");
    await (await XmppUser.login(prosody, "newcomer@example.com", PASSWORD)).close();

    // Neither Doorman nor an app gets a second account out of it.
    assert.is(await visitor.open(link), 410);
    const second = await registerInBand(prosody, token, "second", PASSWORD);
    assert.equal(second, { ok: false, step: "preauth", condition: "forbidden" });
    const { invite } = await doorman.client(InviteService, key).getInvite({ token });
    assert.is(invite?.state, InviteState.REDEEMED);
    assert.equal(visitor.faults, []);
  });
}

servers("is not offered any more when an app was first", async (context) => {
  const { doorman, browser, prosody, key } = context;
  assert.ok(prosody);
  const client = doorman.client(InviteService, key);
  const links = [await doorman.createLink(key), await doorman.createLink(key)];
  const [token = "", seen = ""] = links.map((link) => new URL(link).search.slice(1));
  assert.equal(await registerInBand(prosody, token, "first", PASSWORD), { ok: true });
  assert.is((await client.getInvite({ token })).invite?.state, InviteState.REDEEMED);
  assert.is((await client.getInvite({ token: seen })).invite?.state, InviteState.UNKNOWN);
  assert.equal(await registerInBand(prosody, seen, "second", PASSWORD), { ok: true });
  // What was found out a moment ago is believed for some seconds.
  const visitor = await WebVisitor.of(browser, doorman.url);
  const deadline = Date.now() + PATIENCE_MS;
  while ((await visitor.open(links[1] ?? "")) !== 410 && Date.now() < deadline) await sleep(500);
  assert.is(await visitor.open(links[1] ?? ""), 410);
  assert.match(await visitor.heading(), "has already been used");
});

servers("is not made when an app was first, which the page then knows", async (context) => {
  const { doorman, browser, prosody } = context;
  assert.ok(prosody);
  const link = await doorman.createLink(context.key);
  const token = new URL(link).search.slice(1);
  const visitor = await WebVisitor.of(browser, doorman.url);
  await visitor.open(link);
  await visitor.follow("a.button:not(.first)");
  assert.equal(await registerInBand(prosody, token, "first", PASSWORD), { ok: true });
  await visitor.fillIn("newcomer");
  assert.is(await visitor.follow("button.first"), 410);
  assert.match(await visitor.heading(), "has already been used");
  assert.is(await visitor.open(link), 410);
});

if (browserIsThere("an account by an invite of Prosody's own, by a browser")) {
  if (prosodyIsThere("an account by an invite of Prosody's own, by a browser")) servers.run();
}
if (browserIsThere("an account on Prosody, by a browser")) {
  if (prosodyIsThere("an account on Prosody, by a browser")) real.run();
}
