import type { Browser } from "playwright-core";
import * as assert from "uvu/assert";
import { InvitePurpose } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { DEFAULT_GRANTS } from "../src/keys/grants.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";
import {
  browserIsThere,
  PASSWORD,
  startBrowser,
  type VisitorOptions,
  WebVisitor,
} from "./support/web-visitor.js";

const GRANTS = [...DEFAULT_GRANTS, "invites.reset_password"];

interface Context {
  browser: Browser;
  doorman: TestDoorman;
  key: string;
}

/** Both widths and both colour schemes, in both languages. */
const SCREENS: VisitorOptions[] = [
  { width: 360, colorScheme: "dark", locale: "de" },
  { width: 1280, colorScheme: "light", locale: "en" },
];

const looks = suite<Context>("the pages of invites, looked at");
/** One for all cases: it takes longer to start than most of them. */
let browser: Browser | undefined;

looks.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com", GRANTS);
  browser ??= await startBrowser();
  context.browser = browser;
});
looks.after.each(async ({ doorman }) => {
  await doorman?.close().catch(console.error);
});
looks.after(async () => {
  await browser?.close().catch(console.error);
});

for (const screen of SCREENS) {
  const name = `${screen.width} pixels, ${screen.colorScheme}, ${screen.locale ?? "en"}`;
  looks(`are in order from the link to the account (${name})`, async (context) => {
    const visitor = await WebVisitor.of(context.browser, context.doorman.url, screen);
    const link = await context.doorman.createLink(context.key);
    assert.is(await visitor.open(link), 200);
    await visitor.page.evaluate(
      "for (const one of document.querySelectorAll('details')) one.open = true",
    );
    assert.equal(await visitor.findings(), []);

    assert.is(await visitor.follow("a.button.first"), 200);
    assert.equal(await visitor.findings(), []);
    await visitor.fillIn("alice");
    assert.is(await visitor.follow("button.first"), 422);
    assert.equal(await visitor.findings(), []);

    await visitor.page.fill("#username", "newcomer");
    assert.is(await visitor.follow("button.first"), 200);
    assert.match(await visitor.page.innerText("main"), "newcomer@example.com");
    assert.equal(await visitor.findings(), []);

    assert.is(await visitor.open(link), 410);
    assert.equal(await visitor.findings(), []);
    assert.is(await visitor.open(`${context.doorman.url}/invite?unknown`), 404);
    assert.equal(await visitor.findings(), []);
    await visitor.close();
  });

  looks(`are in order for every purpose (${name})`, async ({ doorman, key, browser }) => {
    const client = doorman.client(InviteService, key);
    const visitor = await WebVisitor.of(browser, doorman.url, screen);
    const inviterJid = "marie@example.com";
    for (const request of [
      { purpose: InvitePurpose.ACCOUNT_AND_CONTACT, inviterJid },
      { purpose: InvitePurpose.CONTACT, inviterJid },
      { purpose: InvitePurpose.PASSWORD_RESET, username: "john" },
      { purpose: InvitePurpose.GROUP },
      { username: "preset" },
    ]) {
      const { invite } = await client.createInvite(request);
      assert.is(await visitor.open(invite?.landingPageUrl ?? ""), 200);
      assert.equal(await visitor.findings(), []);
      assert.is(await visitor.follow("a.button.first"), 200);
      assert.equal(await visitor.findings(), []);
    }
    await visitor.close();
  });
}

looks("fit a phone with the longest names, and names of the other direction", async (context) => {
  const label = "a".repeat(60);
  const host = `${label}.${label}.${label}.example`;
  await context.doorman.close();
  context.doorman = await TestDoorman.start({ hosts: { [host]: {} } });
  const client = context.doorman.client(InviteService, await context.doorman.createKey(host));
  const visitor = await WebVisitor.of(context.browser, context.doorman.url, { width: 360 });
  for (const username of ["", "שלום", "w".repeat(64)]) {
    const { invite } = await client.createInvite({ username });
    await visitor.open(invite?.landingPageUrl ?? "");
    assert.equal(await visitor.findings(), []);
    await visitor.follow("a.button.first");
    assert.equal(await visitor.findings(), []);
    if (username === "") await visitor.page.fill("#username", "x".repeat(64));
    await visitor.page.fill("#password", PASSWORD);
    await visitor.page.fill("#repeat", PASSWORD);
    assert.is(await visitor.follow("button.first"), 200);
    assert.equal(await visitor.findings(), []);
  }
  await visitor.close();
});

looks("tell of a name while it is typed, in the visitor's language", async (context) => {
  const { doorman, browser } = context;
  const visitor = await WebVisitor.of(browser, doorman.url, { locale: "de-DE" });
  const { page } = visitor;
  await visitor.open(await context.doorman.createLink(context.key));
  await visitor.follow("a.button.first");
  await page.locator("#username").pressSequentially("alice");
  await page.locator("#username-problem", { hasText: "alice@example.com ist vergeben" }).waitFor();
  assert.is(await page.getAttribute("#username", "aria-invalid"), "true");
  await page.locator("#username").pressSequentially("Zwei");
  await page.locator("#username-free", { hasText: "alicezwei@example.com ist frei" }).waitFor();
  assert.is(await page.getAttribute("#username", "aria-invalid"), null);
  assert.is(await page.innerText("#username-problem"), "");
  assert.equal(await visitor.findings(), []);
  await visitor.close();
});

looks("show the passwords to whoever wants to see them", async (context) => {
  const visitor = await WebVisitor.of(context.browser, context.doorman.url);
  await visitor.open(await context.doorman.createLink(context.key));
  await visitor.follow("a.button.first");
  const types = () =>
    visitor.page.evaluate("['password', 'repeat'].map((id) => document.getElementById(id).type)");
  assert.equal(await types(), ["password", "password"]);
  await visitor.page.check("#show");
  assert.equal(await types(), ["text", "text"]);
  await visitor.close();
});

if (browserIsThere("the pages of invites, looked at")) looks.run();
