import * as assert from "uvu/assert";
import { SandboxService } from "../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { InvitePurpose } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { DEFAULT_GRANTS, SANDBOX_GRANTS } from "../src/keys/grants.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";
import { PASSWORD } from "./support/web-visitor.js";

interface Context {
  doorman: TestDoorman;
  key: string;
}

const form = suite<Context>("/invite/redeem?TOKEN");

form.before.each(async (context) => {
  context.doorman = await TestDoorman.start({ invites: { protected_users: ["boss@example.com"] } });
  const grants = [...DEFAULT_GRANTS, ...SANDBOX_GRANTS, "invites.reset_password"];
  context.key = await context.doorman.createKey("example.com", grants);
});
form.after.each(async ({ doorman }) => doorman?.close());

form("makes an account, once, and says how to log in", async ({ doorman, key }) => {
  const link = await doorman.createLink(key);
  const done = await register(doorman, link, { username: "newcomer" });
  assert.is(done.status, 200);
  assert.match(done.text, ">newcomer@example.com</code>");
  const roster = await doorman.rpc("RosterService/GetRoster", key, {
    userJid: "newcomer@example.com",
  });
  assert.is(roster.status, 200);
  assert.is((await register(doorman, link, { username: "another" })).status, 410);
  assert.is((await doorman.fetch(pathOf(link))).status, 410);
  assert.is((await doorman.fetch(redeemPath(link))).status, 410);
});

form("answers the same when the same is sent again", async ({ doorman, key }) => {
  const link = await doorman.createLink(key);
  const sent = { ...(await fields(doorman, link)), username: "newcomer" };
  assert.is((await post(doorman, link, sent)).status, 200);
  const again = await post(doorman, link, sent);
  assert.is(again.status, 200);
  assert.match(again.text, ">newcomer@example.com</code>");
  const other = { ...sent, password: "another password", repeat: "another password" };
  assert.is((await post(doorman, link, other)).status, 410);
});

const WRONG: [what: string, sent: Record<string, string>, field: string, says: string][] = [
  ["no name", { username: "" }, "username", "Choose a username"],
  ["a name that is spaces", { username: "   " }, "username", "Choose a username"],
  ["a name with a space", { username: "new comer" }, "username", "cannot have"],
  ["a name with an @", { username: "me@example.org" }, "username", "cannot have"],
  ["a name with an emoji", { username: "me😀" }, "username", "spaces, emoji"],
  ["a name of control characters", { username: "a\u0007b" }, "username", "cannot have"],
  ["a name that is too long", { username: "x".repeat(65) }, "username", "at most 64"],
  ["a reserved name", { username: "Admin" }, "username", "is reserved for"],
  ["a name that is an administrator's", { username: "Boss" }, "username", "is reserved for"],
  ["a name that is taken", { username: "Alice" }, "username", "alice@example.com is taken"],
  ["no password", { password: "", repeat: "" }, "password", "Choose a password"],
  ["a short password", { password: "seven77", repeat: "seven77" }, "password", "at least 8"],
  ["a long password", twice("x".repeat(257)), "password", "at most 256"],
  ["a password with a tab", twice("tab\tin the midst"), "password", "cannot send"],
  ["a password with an emoji", twice("correct horse 🐴"), "password", "cannot send"],
  ["a name of dots", { username: ".." }, "username", "cannot be used"],
  ["the name as password", { username: "newcomer", ...twice("NewComer") }, "password", "username"],
  ["the address as password", twice("newcomer@example.com"), "password", "address"],
  ["another password the second time", { repeat: "something else" }, "repeat", "not the same"],
];
for (const [what, sent, field, says] of WRONG) {
  form(`says beside the field what is wrong: ${what}`, async ({ doorman, key }) => {
    const link = await doorman.createLink(key);
    const { status, text } = await register(doorman, link, { username: "newcomer", ...sent });
    assert.is(status, 422);
    const [, problem] = new RegExp(`id="${field}-problem"[^>]*>([^<]*)<`).exec(text) ?? [];
    assert.match(problem ?? "", says);
    assert.match(text, new RegExp(`id="${field}"[^>]* aria-invalid="true" autofocus`));
    assert.match(text, "<title>Error: ");
    // The name that was typed is still there, and no password is.
    const name = sent.username ?? "newcomer";
    if (name.trim() !== "" && !name.includes("\u0007")) assert.match(text, `value="${name}"`);
    assert.not.match(text, sent.password || PASSWORD);
    // The invite is as good as before.
    assert.is((await register(doorman, link, { username: "newcomer" })).status, 200);
  });
}

form("keeps a good password while the name is changed, sealed", async ({ doorman, key }) => {
  const link = await doorman.createLink(key);
  const refused = await register(doorman, link, { username: "alice" });
  const kept_password = hidden(refused.text, "kept_password");
  assert.ok(kept_password.length > 20);
  assert.not.match(refused.text, PASSWORD);
  assert.not.match(Buffer.from(kept_password, "base64url").toString("latin1"), PASSWORD);
  const typedNothing = { username: "newcomer", kept_password, ...twice("") };
  // It is good for this invite alone.
  const otherLink = await doorman.createLink(key);
  assert.is((await register(doorman, otherLink, typedNothing)).status, 422);
  const damaged = { ...typedNothing, kept_password: kept_password.replace(/^.{8}/, "AAAAAAAA") };
  assert.is((await register(doorman, link, damaged)).status, 422);
  assert.is((await register(doorman, link, typedNothing)).status, 200);
});

form("understands the whole address, and what a phone's keyboard adds", async (context) => {
  const { doorman, key } = context;
  for (const [typed, username] of [
    [" Newcomer ", "newcomer"],
    ["second@EXAMPLE.com", "second"],
  ] as const) {
    const done = await register(doorman, await doorman.createLink(key), { username: typed });
    assert.is(done.status, 200);
    assert.match(done.text, `>${username}@example.com</code>`);
  }
});

form("makes the preset account, whatever name is sent", async ({ doorman, key }) => {
  const { invite } = await doorman.client(InviteService, key).createInvite({ username: "preset" });
  const done = await register(doorman, invite?.landingPageUrl ?? "", { username: "another" });
  assert.is(done.status, 200);
  assert.match(done.text, ">preset@example.com</code>");
});

form("says what to do when the preset account is there already", async ({ doorman, key }) => {
  const { invite } = await doorman.client(InviteService, key).createInvite({ username: "preset" });
  await register(doorman, await doorman.createLink(key), { username: "preset" });
  const { status, text } = await register(doorman, invite?.landingPageUrl ?? "", {});
  assert.is(status, 422);
  const [, problem] = /id="username-problem"[^>]*>([^<]*)</.exec(text) ?? [];
  assert.match(
    problem ?? "",
    "preset@example.com already has an account. Ask the person who invited you",
  );
  assert.match(text, /id="username"[^>]* readonly [^>]*aria-invalid="true"/);
});

form("makes the contact that the invite is for", async ({ doorman, key }) => {
  const { invite } = await doorman.client(InviteService, key).createInvite({
    purpose: InvitePurpose.ACCOUNT_AND_CONTACT,
    inviterJid: "marie@example.com",
  });
  const link = invite?.landingPageUrl ?? "";
  const landing = await (await doorman.fetch(pathOf(link))).text();
  assert.match(landing, "<bdi>marie@<wbr>example.com</bdi> invites you to <bdi>example.com</bdi>");
  const done = await register(doorman, link, { username: "newcomer" });
  assert.match(done.text, "<bdi>marie@<wbr>example.com</bdi> is in your contact list");
  const roster = await doorman.rpc("RosterService/GetRoster", key, {
    userJid: "newcomer@example.com",
  });
  assert.match(await roster.text(), "marie@example.com");
});

form("lets somebody with an account accept a contact, by their password", async (context) => {
  const { doorman, key } = context;
  await register(doorman, await doorman.createLink(key), { username: "newcomer" });
  const { invite } = await doorman.client(InviteService, key).createInvite({
    purpose: InvitePurpose.CONTACT,
    inviterJid: "marie@example.com",
  });
  const link = invite?.landingPageUrl ?? "";
  const wrong = await register(doorman, link, { username: "newcomer", password: "a wrong one" });
  assert.is(wrong.status, 422);
  assert.match(wrong.text, "not the password of this account");
  assert.is(hidden(wrong.text, "kept_password"), "");
  const done = await register(doorman, link, { username: "newcomer" });
  assert.is(done.status, 200);
  assert.match(done.text, "You are contacts now");
});

form("asks no administrator for a password, and nobody for many", async (context) => {
  const { doorman, key } = context;
  await register(doorman, await doorman.createLink(key), { username: "newcomer" });
  const { invite } = await doorman.client(InviteService, key).createInvite({
    purpose: InvitePurpose.CONTACT,
    inviterJid: "marie@example.com",
  });
  const link = invite?.landingPageUrl ?? "";
  const accept = (username: string, password: string) =>
    register(doorman, link, { username, password });
  assert.match((await accept("boss", "a guess")).text, "This username cannot be used");
  for (let index = 0; index < 10; index++) {
    assert.match((await accept("newcomer", `guess ${index}`)).text, "not the password of this");
  }
  const late = await accept("newcomer", PASSWORD);
  assert.is(late.status, 422);
  assert.match(late.text, "too many wrong passwords");
});

form("gives an account a new password", async ({ doorman, key }) => {
  await register(doorman, await doorman.createLink(key), { username: "newcomer" });
  const { invite } = await doorman.client(InviteService, key).createInvite({
    purpose: InvitePurpose.PASSWORD_RESET,
    username: "newcomer",
  });
  const link = invite?.landingPageUrl ?? "";
  const page = await (await doorman.fetch(redeemPath(link))).text();
  assert.match(page, /id="username"[^>]* value="newcomer@example.com" readonly/);
  assert.is((await register(doorman, link, twice("short"))).status, 422);
  const done = await register(doorman, link, twice("a new password"));
  assert.is(done.status, 200);
  assert.match(done.text, "Your password has been changed");
  assert.is((await register(doorman, link, twice("one more password"))).status, 410);
});

form("makes the account of an invite that the server issued", async (context) => {
  await context.doorman.close();
  context.doorman = await TestDoorman.start({ invites: { issuer: "server" } });
  const { doorman } = context;
  const key = await doorman.createKey("example.com", [...DEFAULT_GRANTS, ...SANDBOX_GRANTS]);
  const link = await doorman.createLink(key);
  assert.is((await register(doorman, link, { username: "alice" })).status, 422);
  const done = await register(doorman, link, { username: "newcomer" });
  assert.is(done.status, 200);
  assert.match(done.text, ">newcomer@example.com</code>");
  assert.is((await register(doorman, link, { username: "another" })).status, 410);
  assert.is((await doorman.fetch(pathOf(link))).status, 410);
  // The server does not take the token any more: the page says so, and knows from then on.
  const lost = await doorman.createLink(key);
  await doorman.client(SandboxService, key).reset({});
  assert.is((await register(doorman, lost, { username: "another" })).status, 410);
  assert.is((await doorman.fetch(pathOf(lost))).status, 410);
});

form("does not know an unknown token, with or without a form", async ({ doorman }) => {
  assert.is((await doorman.fetch("/invite/redeem?unknown")).status, 404);
  assert.is((await doorman.fetch("/invite/redeem")).status, 404);
  assert.is((await post(doorman, `${doorman.url}/invite?unknown`, {})).status, 404);
  assert.is((await ask(doorman, `${doorman.url}/invite?unknown`, {})).status, 404);
});

form("never has a token or a password in the log, nor a name that was asked", async (context) => {
  const { doorman, key } = context;
  const link = await doorman.createLink(key);
  const { form_token } = await fields(doorman, link);
  await register(doorman, link, { username: "alice" });
  await ask(doorman, link, { form_token, username: "somebodysname" });
  await register(doorman, link, { username: "newcomer" });
  await post(doorman, link, { form_token: "damaged" });
  for (const secret of [new URL(link).search.slice(1), PASSWORD, form_token, "somebodysname"]) {
    assert.not.match(doorman.log, secret);
  }
  assert.match(doorman.log, '"route":"/invite/redeem"');
});

const guarded = suite<Context>("the forms of invites, misused");

guarded.before.each(async (context) => {
  context.doorman = await TestDoorman.start({ invites: { protected_users: ["boss@example.com"] } });
  context.key = await context.doorman.createKey("example.com");
});
guarded.after.each(async ({ doorman }) => doorman?.close());

guarded("refuse what another page sent, by what the browser says", async ({ doorman, key }) => {
  const link = await doorman.createLink(key);
  const sent = { ...(await fields(doorman, link)), username: "newcomer" };
  for (const headers of [
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { Origin: "https://evil.example" },
    { Origin: "null", "Sec-Fetch-Site": "cross-site" },
    { Origin: "nonsense" },
  ]) {
    const refused = await post(doorman, link, sent, headers as Record<string, string>);
    assert.is(refused.status, 403, JSON.stringify(headers));
    assert.match(refused.text, "This form cannot be sent");
    assert.is((await ask(doorman, link, sent, headers as Record<string, string>)).status, 403);
  }
  // A page without referrer has no origin to tell of; where there is no TLS that is all there is.
  const own = { Origin: "null", "Sec-Fetch-Site": "same-origin" };
  assert.is((await post(doorman, link, sent, own)).status, 200);
});

guarded("refuse a form without the token, or with that of another invite", async (context) => {
  const { doorman, key } = context;
  const link = await doorman.createLink(key);
  const other = await fields(doorman, await doorman.createLink(key));
  const sent = { username: "newcomer", ...twice(PASSWORD) };
  for (const form_token of ["", "x", other.form_token]) {
    assert.is((await post(doorman, link, { ...sent, form_token })).status, 403);
    assert.is((await ask(doorman, link, { username: "x", form_token })).status, 403);
  }
  assert.is((await post(doorman, link, sent)).status, 403);
  assert.is((await register(doorman, link, sent)).status, 200);
});

guarded("refuse a body that is too large", async ({ doorman, key }) => {
  const link = await doorman.createLink(key);
  const sent = { ...(await fields(doorman, link)), username: "x".repeat(20_000) };
  assert.is((await post(doorman, link, sent)).status, 413);
});

guarded(
  "limit how often an address is told of a name or a password by an invite",
  async (context) => {
    const { doorman, key } = context;
    const link = await doorman.createLink(key);
    for (let guess = 0; guess < 60; guess++) {
      assert.is((await register(doorman, link, { username: "alice" })).status, 422);
    }
    const refused = await register(doorman, link, { username: "newcomer" });
    assert.is(refused.status, 429);
    assert.ok(Number(refused.headers.get("Retry-After")) > 0);
    // Somebody else behind the same NAT has an invite of their own.
    const other = await doorman.createLink(key);
    assert.is((await register(doorman, other, { username: "newcomer" })).status, 200);
  },
);

guarded("limit how many names an address asks about", async ({ doorman, key }) => {
  const link = await doorman.createLink(key);
  const { form_token } = await fields(doorman, link);
  const statuses = await Promise.all(
    Array.from({ length: 201 }, async (_, index) => {
      const answer = await ask(doorman, link, { form_token, username: `name${index}` });
      return answer.status;
    }),
  );
  assert.is(statuses.filter((status) => status === 200).length, 200);
  assert.is(statuses.filter((status) => status === 429).length, 1);
});

const RESERVED_IN_GERMAN =
  "Dieser Benutzername ist für die Leute reserviert, die den Server betreiben. Wähle einen anderen.";

guarded("tell of a name in the browser's language", async ({ doorman, key }) => {
  const link = await doorman.createLink(key);
  const { form_token } = await fields(doorman, link);
  const german = { "Accept-Language": "de" };
  for (const [username, expected] of [
    [
      "Alice",
      { problem: "alice@example.com ist vergeben. Wähle einen anderen Benutzernamen.", free: "" },
    ],
    ["Neuer", { problem: "", free: "neuer@example.com ist frei." }],
    ["", { problem: "Wähle einen Benutzernamen.", free: "" }],
    ["boss", { problem: RESERVED_IN_GERMAN, free: "" }],
  ] as const) {
    const answer = await ask(doorman, link, { form_token, username }, german);
    assert.equal(JSON.parse(answer.text), expected);
  }
});

guarded.run();
form.run();

function twice(password: string) {
  return { password, repeat: password };
}

function pathOf(link: string): string {
  const { pathname, search } = new URL(link);
  return pathname + search;
}

function redeemPath(link: string): string {
  return pathOf(link).replace("/invite?", "/invite/redeem?");
}

/** Reads the form, and fills in all but the name as most people would. */
async function fields(doorman: TestDoorman, link: string) {
  const page = await (await doorman.fetch(redeemPath(link))).text();
  return { form_token: hidden(page, "form_token"), ...twice(PASSWORD) };
}

function hidden(page: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? "";
}

/** Opens the form, and sends it with what is given. Where there is none any more, sends all the same. */
async function register(doorman: TestDoorman, link: string, sent: Record<string, string>) {
  const read = await fields(doorman, link);
  return post(doorman, link, { ...read, ...sent });
}

function post(
  doorman: TestDoorman,
  link: string,
  sent: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return send(doorman, redeemPath(link), sent, headers);
}

function ask(
  doorman: TestDoorman,
  link: string,
  sent: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return send(doorman, pathOf(link).replace("/invite?", "/invite/username?"), sent, headers);
}

async function send(
  doorman: TestDoorman,
  path: string,
  sent: Record<string, string>,
  headers: Record<string, string>,
) {
  const body = new URLSearchParams(sent);
  const response = await doorman.fetch(path, { method: "POST", body, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
