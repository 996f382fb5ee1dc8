import * as assert from "uvu/assert";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { qrCode } from "../src/invites/pages/qr-code.js";
import { LANGUAGES } from "../src/invites/pages/translation.js";
import { TestDoorman } from "./support/doorman.js";
import { storeInvite } from "./support/store-invite.js";
import { suite } from "./support/suite.js";

const page = suite<{ doorman: TestDoorman; key: string }>("GET /invite?TOKEN");

page.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
page.after.each(async ({ doorman }) => doorman?.close());

page("leads to the form, and carries its own address in the QR code", async (context) => {
  const { doorman, key } = context;
  const link = await doorman.createLink(key);
  const token = new URL(link).search.slice(1);
  const { status, text } = await read(doorman, token);
  assert.is(status, 200);
  assert.match(text, `href="invite/redeem?${token}"`);
  assert.match(text, String(await qrCode(link, "QR code of this invitation")));
  // No client can redeem it by itself.
  assert.not.match(text, "xmpp:");
});

page("carries the URI of a server's invite in button and QR code", async (context) => {
  const { doorman, token } = await issuedByServer(context);
  const { text } = await read(doorman, token);
  const uri = `xmpp:example.com?register;preauth=${token}`;
  assert.match(text, `href="${uri}"`);
  assert.match(text, String(await qrCode(uri, "QR code of this invitation")));
  // And one can register on Doorman's own page too.
  assert.match(text, `href="invite/redeem?${token}"`);
});

page("shows the address of an invite with a preset username", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({ username: "newcomer" });
  const { status, text } = await read(doorman, invite?.token ?? "");
  assert.is(status, 200);
  assert.match(text, "Your address will be <bdi>newcomer@<wbr>example.com</bdi>");
});

page("does not know an unknown, an empty or a strange token: 404", async ({ doorman }) => {
  for (const token of ["AAAAAAAAAAAAAAAAAAAAAAAA", "", "a=b&c=d", "%", "%00", "%ff".repeat(500)]) {
    const { status, text } = await read(doorman, token);
    assert.is(status, 404, token);
    assert.match(text, "does not exist");
  }
});

page("does not repeat what it was asked", async ({ doorman }) => {
  const { text } = await read(doorman, "<script>alert(1)</script>");
  assert.not.match(text, "<script");
  assert.not.match(text, "alert");
});

page("shows a revoked invite as gone, without its URI: 410", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({});
  await client.revokeInvite({ token: invite?.token ?? "" });
  const { status, text } = await read(doorman, invite?.token ?? "");
  assert.is(status, 410);
  assert.match(text, "withdrawn");
  assert.not.match(text, "preauth");
});

page("shows an expired invite as gone, without its URI: 410", async ({ doorman }) => {
  const token = await storeInvite(doorman, { expire_time: Date.now() - 1 });
  const { status, text } = await read(doorman, token);
  assert.is(status, 410);
  assert.match(text, "expired");
  assert.not.match(text, "preauth");
});

page("shows a redeemed invite as gone, without its URI: 410", async ({ doorman }) => {
  const token = await storeInvite(doorman, { uses: 1 });
  const { status, text } = await read(doorman, token);
  assert.is(status, 410);
  assert.match(text, "already been used");
  assert.not.match(text, "preauth");
});

page("escapes what it shows", async ({ doorman }) => {
  const inviter_jid = `"'><script>alert(1)</script>&amp;@example.com`;
  const host = "<b>example.com</b>";
  const purpose = "account_and_contact";
  const token = await storeInvite(doorman, { host, inviter_jid, purpose });
  const { text } = await read(doorman, token);
  assert.not.match(text, "<script>alert");
  assert.not.match(text, "<b>");
  assert.match(text, "&lt;script&gt;");
  assert.match(text, "&amp;amp;");
});

page("is found with a slash behind /invite too, also below a proxy's path", async (context) => {
  const { doorman } = context;
  const token = await storeInvite(doorman, {});
  const response = await doorman.fetch(`/invite/?${token}`);
  assert.is(response.status, 308);
  const location = response.headers.get("Location") ?? "";
  const below = new URL(location, `https://proxy.example/chat/invite/?${token}`);
  assert.is(below.href, `https://proxy.example/chat/invite?${token}`);
});

page("answers people with a page, whatever they send", async ({ doorman }) => {
  const token = await storeInvite(doorman, {});
  for (const [path, method, length, status, allow] of [
    ["/invite", "POST", 0, 405, "GET, HEAD"],
    ["/invite/redeem", "DELETE", 0, 405, "GET, HEAD, POST"],
    ["/invite/redeem", "POST", 20_000, 413, null],
    ["/invite/redeem", "POST", 2_000_000, 413, null],
  ] as const) {
    const body = length > 0 ? "x".repeat(length) : null;
    const response = await doorman.fetch(`${path}?${token}`, { method, body });
    assert.is(response.status, status, `${method} ${path}`);
    assert.is(response.headers.get("Allow"), allow);
    assert.match(response.headers.get("Content-Type") ?? "", /^text\/html\b/);
    assert.match(await response.text(), "This form");
  }
});

page("answers HEAD without a body", async ({ doorman }) => {
  const token = await storeInvite(doorman, {});
  const response = await doorman.fetch(`/invite?${token}`, { method: "HEAD" });
  assert.is(response.status, 200);
  assert.is(await response.text(), "");
});

page("knows a token with what mail programs put behind it", async ({ doorman }) => {
  const token = await storeInvite(doorman, {});
  for (const end of ["&", "=", "=&", "&utm_source=mail", "=&a=b"]) {
    assert.is((await read(doorman, `${token}${end}`)).status, 200, end);
  }
});

page("speaks the browser's language, or else English", async ({ doorman }) => {
  const token = await storeInvite(doorman, {});
  for (const [accept, tag] of [
    ["de", "de"],
    ["de-AT, en;q=0.5", "de"],
    ["fr, DE-ch;q=0.8, en;q=0.3", "de"],
    ["fr, en;q=0.9, de;q=0.8", "en"],
    ["en;q=0.1, de;q=0", "en"],
    ["fr, *;q=0.5", "en"],
    ["", "en"],
    [";;,q=", "en"],
  ] as const) {
    const headers = { "Accept-Language": accept };
    const response = await doorman.fetch(`/invite?${token}`, { headers });
    assert.is(response.headers.get("Content-Language"), tag, accept);
    assert.match(response.headers.get("Vary") ?? "", "Accept-Language");
    const text = await response.text();
    assert.match(text, `<html lang="${tag}" dir="ltr">`);
    assert.match(text, tag === "de" ? "eingeladen" : "You are invited");
  }
});

page("says the same in every language, with the same names filled in", () => {
  const namesIn = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  const english = LANGUAGES.get("en")?.texts;
  assert.ok(english && LANGUAGES.size >= 2);
  for (const [tag, { texts }] of LANGUAGES) {
    assert.equal(Object.keys(texts).sort(), Object.keys(english).sort(), tag);
    for (const [key, text] of Object.entries(english)) {
      assert.equal(namesIn(texts[key as keyof typeof texts]), namesIn(text), `${tag} ${key}`);
    }
  }
});

page("lists the clients of the visitor's platform first", async ({ doorman }) => {
  const token = await storeInvite(doorman, {});
  for (const [userAgent, heading, client] of [
    ["Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile", "Apps for Android", "Conversations"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", "Apps for iPhone", "Monal"],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Apps for Windows", "Gajim"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Apps for macOS", "Beagle IM"],
    ["Mozilla/5.0 (X11; Linux x86_64)", "Apps for Linux", "Dino"],
    ["curl/8", "Apps to chat with", "Conversations"],
  ] as const) {
    const headers = { "User-Agent": userAgent };
    const text = await (await doorman.fetch(`/invite?${token}`, { headers })).text();
    const first = text.slice(text.indexOf("<h2>"));
    assert.ok(first.startsWith(`<h2>${heading}`), first.slice(0, 80));
    assert.match(first.slice(0, first.indexOf("</ul>")), client);
    // Every other platform is on the page too, and needs no script.
    for (const name of ["Conversations", "Siskin IM", "Psi", "Beagle IM", "Kaidan", "Movim"]) {
      assert.match(text, name);
    }
  }
});

page("says until when the invite is good, in words and for programs", async ({ doorman }) => {
  const expire_time = Date.UTC(2126, 4, 6, 7, 8);
  const { text } = await read(doorman, await storeInvite(doorman, { expire_time }));
  assert.match(
    text,
    /Valid for [\d,]+ days, until <time datetime="2126-05-06T07:08:00.000Z">May 6/,
  );
  assert.match(text, ">Create account<");
  const soon = await storeInvite(doorman, { expire_time: Date.now() + 90 * 60_000 });
  assert.match((await read(doorman, soon)).text, /Valid for (90|89) minutes/);
  const week = await storeInvite(doorman, { expire_time: Date.now() + 7 * 24 * 3_600_000 });
  assert.match((await read(doorman, week)).text, "Valid for 7 days,");
  const always = await storeInvite(doorman, { expire_time: null });
  assert.not.match((await read(doorman, always)).text, "<time");
});

/** Starts anew with a server that issues invites, and has it issue one. */
async function issuedByServer(context: { doorman: TestDoorman }) {
  await context.doorman.close();
  context.doorman = await TestDoorman.start({ invites: { issuer: "server" } });
  const { doorman } = context;
  const link = await doorman.createLink(await doorman.createKey("example.com"));
  return { doorman, token: new URL(link).search.slice(1) };
}

/** Reads the page, and asserts the headers that keep the token in it a secret. */
async function read(doorman: TestDoorman, token: string) {
  const response = await doorman.fetch(`/invite?${token}`);
  assert.match(response.headers.get("Content-Type") ?? "", /^text\/html\b/);
  assert.is(response.headers.get("Cache-Control"), "no-store");
  assert.is(response.headers.get("Referrer-Policy"), "no-referrer");
  const policy = response.headers.get("Content-Security-Policy") ?? "";
  assert.match(policy, "default-src 'none'");
  assert.match(policy, "frame-ancestors 'none'");
  assert.match(policy, "form-action 'self'");
  assert.not.match(policy, "unsafe");
  assert.is(response.headers.get("X-Content-Type-Options"), "nosniff");
  assert.is(response.headers.get("X-Frame-Options"), "DENY");
  return { status: response.status, text: await response.text() };
}

page.run();
