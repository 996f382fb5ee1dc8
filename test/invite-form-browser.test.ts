import type { Browser } from "playwright-core";
import * as assert from "uvu/assert";
import { InvitePurpose } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { storeInvite } from "./support/store-invite.js";
import { suite } from "./support/suite.js";
import {
  browserIsThere,
  PASSWORD,
  startBrowser,
  type VisitorOptions,
  WebVisitor,
} from "./support/web-visitor.js";

interface Context {
  browser: Browser;
  doorman: TestDoorman;
  key: string;
}

/** What is said of an empty username, a short password, and a repeated one that differs. */
const MESSAGES = {
  en: [
    "Choose a username.",
    "The password must have at least 8 characters.",
    "The passwords are not the same.",
    "Choose a password.",
    "Enter your username.",
    "Enter your password.",
  ],
  de: [
    "Wähle einen Benutzernamen.",
    "Das Passwort muss mindestens 8 Zeichen haben.",
    "Die Passwörter sind nicht gleich.",
    "Wähle ein Passwort.",
    "Gib deinen Benutzernamen ein.",
    "Gib dein Passwort ein.",
  ],
} as const;

const pages = suite<Context>("the form and the times of invites, in a browser");
/** One for all cases: it takes longer to start than most of them. */
let browser: Browser | undefined;

pages.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
  browser ??= await startBrowser();
  context.browser = browser;
});
pages.after.each(async ({ doorman }) => {
  await doorman?.close().catch(console.error);
});
pages.after(async () => {
  await browser?.close().catch(console.error);
});

for (const locale of ["en", "de"] as const) {
  const [noName, short, differ, noPassword, enterName, enterPassword] = MESSAGES[locale];

  pages(`say what is wrong beside each field, by its script (${locale})`, async (context) => {
    const visitor = await openForm(context, { locale, width: 360 });
    const { page } = visitor;
    const address = page.url();
    await page.click("button.first");
    assert.equal(await problems(visitor), [noName, noPassword, ""]);
    assert.is(await focused(visitor), "username");
    assert.equal(await visitor.findings(), []);

    await page.fill("#username", "newcomer");
    await page.fill("#password", "short");
    await page.fill("#repeat", "other");
    await page.click("button.first");
    assert.equal(await problems(visitor), ["", short, differ]);
    assert.is(await focused(visitor), "password");
    assert.is(await page.getAttribute("#password", "aria-invalid"), "true");
    assert.equal(await visitor.findings(), []);
    // Nothing was sent so far: the answer to a form has status 422.
    assert.is(page.url(), address);
    assert.equal(visitor.statuses, [200, 200]);

    // A message goes when its cause does.
    await page.fill("#password", PASSWORD);
    assert.equal(await problems(visitor), ["", "", differ]);
    await page.fill("#repeat", PASSWORD);
    assert.equal(await problems(visitor), ["", "", ""]);
    assert.is(await page.getAttribute("#repeat", "aria-invalid"), null);
    assert.is(await visitor.follow("button.first"), 200);
    assert.match(await page.innerText("main"), "newcomer@example.com");
    await visitor.close();
  });

  pages(`say what is wrong beside each field, without a script (${locale})`, async (context) => {
    const visitor = await openForm(context, { locale, javaScriptEnabled: false });
    const { page } = visitor;
    assert.is(await visitor.follow("button.first"), 422);
    assert.equal(await problems(visitor), [noName, noPassword, ""]);
    assert.is(await page.getAttribute("[aria-invalid]", "id"), "username");
    assert.is(await page.locator("#username:focus").count(), 1);

    await page.fill("#username", "newcomer");
    await page.fill("#password", "short");
    await page.fill("#repeat", "short");
    assert.is(await visitor.follow("button.first"), 422);
    assert.equal(await problems(visitor), ["", short, ""]);
    assert.is(await page.locator("#password:focus").count(), 1);

    await page.fill("#password", PASSWORD);
    await page.fill("#repeat", `${PASSWORD}r`);
    assert.is(await visitor.follow("button.first"), 422);
    assert.equal(await problems(visitor), ["", "", differ]);
    assert.is(await page.locator("#repeat:focus").count(), 1);

    await visitor.fillIn("newcomer");
    assert.is(await visitor.follow("button.first"), 200);
    assert.equal(visitor.faults, []);
    await visitor.close();
  });

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "by its script" : "without a script";
    pages(`ask for one's own name and password (${locale}, ${how})`, async (context) => {
      const { doorman, key } = context;
      const { invite } = await doorman
        .client(InviteService, key)
        .createInvite({ purpose: InvitePurpose.CONTACT, inviterJid: "marie@example.com" });
      const link = invite?.landingPageUrl ?? "";
      const visitor = await openForm(context, { locale, javaScriptEnabled }, link);
      if (javaScriptEnabled) await visitor.page.click("button.first");
      else assert.is(await visitor.follow("button.first"), 422);
      assert.equal(await problems(visitor), [enterName, enterPassword]);
      assert.is(await visitor.page.locator("#username:focus").count(), 1);
      assert.equal(visitor.faults, []);
      await visitor.close();
    });
  }
}

const EXPIRE_TIME = Date.UTC(2126, 4, 6, 23, 8);
const TIMES: [options: VisitorOptions, expected: RegExp][] = [
  [{ locale: "de", timezoneId: "Europe/Berlin" }, /7\. Mai 2126 um 01:08 MESZ\.$/],
  [{ locale: "en", timezoneId: "America/New_York" }, /May 6, 2126 at 7:08\sPM EDT\.$/],
  [{ locale: "en", timezoneId: "UTC" }, /May 6, 2126 at 11:08\sPM UTC\.$/],
  [
    { locale: "de", timezoneId: "Europe/Berlin", javaScriptEnabled: false },
    /6\. Mai 2126 um 23:08 UTC\.$/,
  ],
  [
    { locale: "en", timezoneId: "America/New_York", javaScriptEnabled: false },
    /May 6, 2126 at 11:08\sPM UTC\.$/,
  ],
];
for (const [options, expected] of TIMES) {
  const how = options.javaScriptEnabled === false ? "UTC without a script" : "the visitor's zone";
  pages(`show times in ${how} (${options.locale}, ${options.timezoneId})`, async (context) => {
    const { browser, doorman } = context;
    const token = await storeInvite(doorman, { expire_time: EXPIRE_TIME });
    const visitor = await WebVisitor.of(browser, doorman.url, options);
    assert.is(await visitor.open(`${doorman.url}/invite?${token}`), 200);
    const line = await visitor.page.locator("p", { has: visitor.page.locator("time") }).innerText();
    assert.match(line, expected);
    const iso = await visitor.page.getAttribute("time", "datetime");
    assert.is(iso, "2126-05-06T23:08:00.000Z");
    // The policy of the page allows the script.
    assert.equal(visitor.faults, []);
    await visitor.close();
  });
}

const CONFIGURED = {
  site_name: "Example Chat",
  privacy_url: "https://example.com/privacy",
  web_chat_url: "https://chat.example.com/",
  apps: ["Conversations", { name: "Ours", url: "https://example.com/app", platforms: ["web"] }],
};
for (const [width, colorScheme] of [
  [360, "dark"],
  [1280, "light"],
] as const) {
  pages(`are in order with every setting (${width} pixels, ${colorScheme})`, async (context) => {
    await context.doorman.close();
    context.doorman = await TestDoorman.start({ pages: CONFIGURED });
    const { doorman, browser } = context;
    const key = await doorman.createKey("example.com");
    const visitor = await WebVisitor.of(browser, doorman.url, { width, colorScheme });
    await visitor.open(await doorman.createLink(key));
    assert.is(await visitor.page.innerText(".site"), "Example Chat");
    assert.equal(await visitor.findings(), []);
    await visitor.follow("a.button.first");
    assert.equal(await visitor.findings(), []);
    await visitor.fillIn("newcomer");
    assert.is(await visitor.follow("button.first"), 200);
    assert.equal(await visitor.findings(), []);
    await visitor.close();
  });
}

/** Opens the form that an invite's link leads to, of a new invite unless another is given. */
async function openForm(
  { browser, doorman, key }: Context,
  options: VisitorOptions,
  link?: string,
): Promise<WebVisitor> {
  const visitor = await WebVisitor.of(browser, doorman.url, options);
  assert.is(await visitor.open(link ?? (await doorman.createLink(key))), 200);
  assert.is(await visitor.follow("a.button.first"), 200);
  return visitor;
}

function problems({ page }: WebVisitor): Promise<string[]> {
  return page.locator(".problem").allInnerTexts();
}

function focused({ page }: WebVisitor): Promise<string> {
  return page.evaluate("document.activeElement.id");
}

if (browserIsThere("the form and the times of invites, in a browser")) pages.run();
