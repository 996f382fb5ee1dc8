import * as assert from "uvu/assert";
import { InvitePurpose } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { DEFAULT_GRANTS } from "../src/keys/grants.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";

const PASSWORD = "correct horse battery";
const LINUX = { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)" };

interface Context {
  doorman: TestDoorman;
}

const settings = suite<Context>("pages in the configuration");
settings.after.each(async ({ doorman }) => doorman?.close());

settings("name the site and its privacy policy on every page", async (context) => {
  const { doorman, link } = await start(context, {
    site_name: "Tom & Co",
    privacy_url: "https://example.org/privacy?a=1&b=2",
  });
  const pages = {
    landing: await read(doorman, link),
    form: await read(doorman, link.replace("/invite", "/invite/redeem")),
    done: await redeem(doorman, link),
    closed: await read(doorman, link),
    unknown: await read(doorman, "/invite?unknown"),
  };
  for (const [name, page] of Object.entries(pages)) {
    assert.match(page, " – Tom &amp; Co</title>", name);
    assert.match(page, "<bdi>Tom &amp; Co</bdi>", name);
    const policy =
      '<a href="https://example.org/privacy?a=1&amp;b=2" rel="noopener">Privacy policy</a>';
    assert.match(page, policy, name);
  }
});

settings("are absent by default: no site name, no footer, all known apps", async (context) => {
  const { doorman, link } = await start(context);
  const page = await read(doorman, link);
  assert.match(page, "<title>You are invited to example.com</title>");
  assert.not.match(page, "<footer");
  for (const app of ["Conversations", "Monal", "Gajim", "Beagle IM", "Profanity", "Movim"]) {
    assert.match(page, `>${app}<`);
  }
});

settings("offer a web chat of one's own when the account is ready", async (context) => {
  const { doorman, link } = await start(context, {
    site_name: "Example Chat",
    web_chat_url: "https://chat.example.com/#login",
  });
  assert.match(
    await read(doorman, link),
    appLink("Example Chat", "https://chat.example.com/#login"),
  );
  const done = await redeem(doorman, link);
  const button = '<a class="button first" href="https://chat.example.com/#login" rel="noopener">';
  assert.match(done, `${button}Open the web chat</a>`);
});

settings("offer only the apps that are listed, in their order", async (context) => {
  const { doorman, link } = await start(context, {
    apps: [
      "kaidan",
      { name: "Our Chat", url: "https://example.com/app", platforms: ["linux", "ios"] },
      "Gajim",
    ],
  });
  const page = await read(doorman, link);
  const [mine = "", others = ""] = page.split("<details>");
  assert.equal(appsIn(mine), ["Kaidan", "Our Chat", "Gajim"]);
  assert.equal(appsIn(others), ["Our Chat", "Gajim", "Gajim"]);
  // A platform without an app has no heading.
  assert.equal(headingsIn(others), ["iPhone and iPad", "Windows", "macOS"]);
  const done = await redeem(doorman, link);
  assert.equal(appsIn(done.split("<details>")[0] ?? ""), ["Kaidan", "Our Chat", "Gajim"]);
});

settings("show all apps openly to visitors whose platform has none", async (context) => {
  const { doorman, link } = await start(context, { apps: ["Monal"] });
  const page = await read(doorman, link);
  assert.match(page, "<h2>Apps to chat with</h2>");
  assert.equal(appsIn(page), ["Monal", "Monal"]);
  assert.not.match(page, "<details");
});

settings("can offer no apps at all, and then nothing speaks of a list", async (context) => {
  const { doorman, link } = await start(context, { apps: [] });
  const page = await read(doorman, link);
  assert.not.match(page, 'class="apps"');
  assert.not.match(page, "Apps ");
  assert.not.match(await redeem(doorman, link), "the list");
});

const previews = suite<Context>("previews of an invite's link");
previews.after.each(async ({ doorman }) => doorman?.close());

previews("have a title, a description and the site, and no token", async (context) => {
  const { doorman, link } = await start(context, { site_name: 'Tom "&" Co' });
  const tags = tagsIn(await read(doorman, link));
  assert.equal(
    [...tags.keys()],
    ["description", "og:type", "og:title", "og:description", "og:site_name"],
  );
  assert.is(tags.get("og:type"), "website");
  assert.is(tags.get("og:title"), "You are invited to example.com");
  assert.match(tags.get("og:description") ?? "", "example.com is a chat server.");
  assert.is(tags.get("og:site_name"), "Tom &quot;&amp;&quot; Co");
  const token = link.split("?")[1] ?? "no token";
  for (const content of tags.values()) assert.not.match(content, token);
});

previews("name the host where the site has no name", async (context) => {
  const { doorman, link } = await start(context);
  assert.is(tagsIn(await read(doorman, link)).get("og:site_name"), "example.com");
});

previews("are in the language that is asked for", async (context) => {
  const { doorman, link } = await start(context);
  const german = await read(doorman, link, { "Accept-Language": "de" });
  assert.is(tagsIn(german).get("og:title"), "Du bist zu example.com eingeladen");
});

previews("of a password reset do not say whose password it is", async (context) => {
  const { doorman } = await start(context, {}, { protected_users: [] });
  const key = await doorman.createKey("example.com", [...DEFAULT_GRANTS, "invites.reset_password"]);
  const { invite } = await doorman
    .client(InviteService, key)
    .createInvite({ purpose: InvitePurpose.PASSWORD_RESET, username: "john" });
  const { pathname, search } = new URL(invite?.landingPageUrl ?? "");
  const tags = tagsIn(await read(doorman, pathname + search));
  assert.is(tags.get("og:title"), "Choose a new password");
  for (const content of tags.values()) assert.not.match(content, "john");
});

/** Starts a sandbox with these pages, and creates an invite. */
async function start(
  context: Context,
  pages: Record<string, unknown> = {},
  invites: Record<string, unknown> = {},
) {
  const doorman = await TestDoorman.start({ invites, pages });
  context.doorman = doorman;
  const { pathname, search } = new URL(
    await doorman.createLink(await doorman.createKey("example.com")),
  );
  return { doorman, link: pathname + search };
}

async function read(doorman: TestDoorman, path: string, headers: Record<string, string> = {}) {
  return (await doorman.fetch(path, { headers: { ...LINUX, ...headers } })).text();
}

async function redeem(doorman: TestDoorman, link: string): Promise<string> {
  const path = link.replace("/invite", "/invite/redeem");
  const [, form_token = ""] =
    /name="form_token" value="([^"]+)"/.exec(await read(doorman, path)) ?? [];
  const fields = { form_token, username: "newcomer", password: PASSWORD, repeat: PASSWORD };
  const body = new URLSearchParams(fields);
  const response = await doorman.fetch(path, { method: "POST", body, headers: LINUX });
  assert.is(response.status, 200);
  return response.text();
}

function appLink(name: string, url: string): string {
  return `<a href="${url}" rel="noopener"><span><bdi>${name}</bdi>`;
}

function appsIn(page: string): string[] {
  return [...page.matchAll(/<li><a [^>]*><span><bdi>([^<]*)</g)].map(([, name = ""]) => name);
}

function headingsIn(page: string): string[] {
  return [...page.matchAll(/<h3>([^<]*)</g)].map(([, heading = ""]) => heading);
}

function tagsIn(page: string): Map<string, string> {
  const tags = page.matchAll(
    /<meta (?:property|name)="((?:og:|twitter:|desc)[^"]*)" content="([^"]*)">/g,
  );
  return new Map([...tags].map(([, name = "", content = ""]) => [name, content]));
}

settings.run();
previews.run();
