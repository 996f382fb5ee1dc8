import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderUnicodeCompact } from "uqr";
import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import type { CommandOutcome } from "./support/doorman-process.js";
import { doorman, type RunOptions, run } from "./support/run-command.js";
import { suite } from "./support/suite.js";

const SNUGGERY = "snuggery@chat.example.org";
const WHOSE = ["room@conference.localhost", "user@localhost"];
const HAT = "https://example.com/hats/host";

interface Context {
  server: TestDoorman;
  /** Runs a command that must succeed, with the key of example.com, and answers what it printed. */
  ok(...parameters: string[]): Promise<string>;
  /** The same with the key of localhost. */
  okAtLocalhost(...parameters: string[]): Promise<string>;
  /** Runs a command to whatever end, with the key of example.com. */
  outcome(parameters: string[], options?: RunOptions): Promise<CommandOutcome>;
}

async function start(context: Context): Promise<void> {
  const server = await TestDoorman.start();
  const env = { DOORMAN_URL: server.url, DOORMAN_KEY: await server.createKey("example.com") };
  const localhostEnv = { ...env, DOORMAN_KEY: await server.createKey("localhost") };
  Object.assign(context, {
    server,
    ok: async (...parameters: string[]) => succeeded(await doorman(parameters, { env })),
    okAtLocalhost: async (...parameters: string[]) =>
      succeeded(await doorman(parameters, { env: localhostEnv })),
    outcome: (parameters: string[], options: RunOptions = {}) =>
      doorman(parameters, { ...options, env: { ...env, ...options.env } }),
  });
}

function succeeded({ status, stdout, stderr }: CommandOutcome): string {
  assert.is(status, 0, stderr);
  assert.is(stderr, "");
  return stdout;
}

function lines(text: string): string[] {
  return text.trimEnd().split("\n");
}

const rooms = suite<Context>("doorman kick and doorman occupants");
rooms.before.each(start);
rooms.after.each(({ server }) => server.close());

rooms("kick says who has left, and the occupant has", async ({ ok }) => {
  const printed = await ok("kick", SNUGGERY, "Bob", "--reason", "Avaunt, you cullion!");
  assert.is(printed, `Bob has left ${SNUGGERY}\n`);
  assert.not.match(await ok("occupants", SNUGGERY), "Bob");
});

rooms("kick --json prints the answer", async ({ ok }) => {
  assert.is(await ok("kick", SNUGGERY, "Bob", "--json"), '{"nicknames":["Bob"]}\n');
});

rooms("kick --user kicks by JID, and --all-rooms out of all rooms", async ({ ok }) => {
  const marie = ["--user", "marie@example.com"];
  assert.is(await ok("kick", SNUGGERY, ...marie), `Marie has left ${SNUGGERY}\n`);
  assert.is(await ok("kick", "--all-rooms", ...marie), "marie@example.com is in no room.\n");
  const bob = ["--user", "bob@example.com"];
  const printed = await ok("kick", "--all-rooms=chat.example.org", ...bob);
  assert.is(printed, `${SNUGGERY}  Bob left\n`);
});

rooms("affiliation sets and lists", async ({ ok }) => {
  const printed = await ok("affiliation", "set", SNUGGERY, "bob@example.com", "outcast");
  assert.is(printed, `The affiliation of bob@example.com with ${SNUGGERY} is outcast\n`);
  assert.not.match(await ok("occupants", SNUGGERY), "Bob");
  assert.equal(lines(await ok("affiliation", "list", SNUGGERY)), [
    "USER               AFFILIATION",
    "alice@example.com  owner",
    "bob@example.com    outcast",
    "marie@example.com  member",
  ]);
  const outcasts = await ok("affiliation", "list", SNUGGERY, "--affiliation", "outcast", "--json");
  assert.equal(JSON.parse(outcasts), {
    userJid: "bob@example.com",
    affiliation: "AFFILIATION_OUTCAST",
  });
});

rooms("occupants prints a table", async ({ ok }) => {
  assert.equal(lines(await ok("occupants", SNUGGERY)), [
    "NICKNAME  USER               ROLE         AFFILIATION  HATS",
    "Alice     alice@example.com  moderator    owner",
    "Bob       bob@example.com    participant  member",
    "Carol     carol@example.net  participant  none",
    "Marie     marie@example.com  participant  member",
  ]);
});

rooms("occupants --json prints an object a line", async ({ ok }) => {
  const [alice, ...others] = lines(await ok("occupants", SNUGGERY, "--json"));
  assert.equal(JSON.parse(alice ?? ""), {
    nickname: "Alice",
    userJid: "alice@example.com",
    role: "ROLE_MODERATOR",
    affiliation: "AFFILIATION_OWNER",
  });
  assert.is(others.length, 3);
});

rooms("occupants aligns wide letters", async ({ server, ok }) => {
  const key = await server.createKey("example.com");
  const roomJid = "tea@chat.example.org";
  for (const [nickname, userJid] of [
    ["鈴木", "suzuki@example.com"],
    ["Zoë", "zoe@example.com"],
  ]) {
    const response = await server.fetch("/doorman.sandbox.v1.SandboxService/PutOccupant", {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ roomJid, nickname, userJid }),
    });
    assert.is(response.status, 200, await response.text());
  }
  const table = await ok("occupants", roomJid);
  // Two letters of two columns each; "NICKNAME" is eight wide.
  assert.match(table, "鈴木      suzuki@example.com");
  assert.match(table, "Zoë       zoe@example.com");
});

rooms.run();

const invites = suite<Context>("doorman invite");
invites.before.each(start);
invites.after.each(({ server }) => server.close());

invites("create prints the links, and no QR code where there is no terminal", async ({ ok }) => {
  const printed = await ok("invite", "create", "--ttl", "12h", "--note", "for Marie");
  assert.match(printed, /^Token {4}[\w-]{24}\n/);
  assert.match(printed, /^URI {6}xmpp:example\.com\?register;preauth=[\w-]{24}$/m);
  assert.match(printed, /^State {4}pending$/m);
  assert.match(printed, /^Note {5}for Marie$/m);
  assert.not.match(printed, "█");
});

invites("create --qr draws the page's link", async ({ ok }) => {
  const printed = await ok("invite", "create", "--qr");
  const [, page = ""] = /^Page {5}(\S+)$/m.exec(printed) ?? [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken out
  const drawn = printed.split("\n\n")[1]?.replace(/\u001b\[[\d;]*m/g, "");
  assert.is(drawn, `${renderUnicodeCompact(page, { border: 2 })}\n`);
});

invites("create on a terminal draws a QR code, but not with --no-qr", async ({ server }) => {
  const env = { DOORMAN_URL: server.url, DOORMAN_KEY: await server.createKey("example.com") };
  assert.match((await onTerminal("invite create", env)).stdout, "█");
  assert.not.match((await onTerminal("invite create --no-qr", env)).stdout, "█");
});

invites("create takes every field of the request", async ({ ok }) => {
  const expireTime = "2030-01-31T12:00:00Z";
  const fields = ["--host", "example.com", "--max-uses", "3", "--request-id", "once"];
  const command = ["invite", "create", "--expire-time", expireTime, ...fields, "--json"];
  const { invite } = JSON.parse(await ok(...command));
  assert.is(invite.expireTime, expireTime);
  assert.is(invite.maxUses, 3);
  assert.equal(JSON.parse(await ok(...command)).invite, invite);
  const preset = JSON.parse(await ok("invite", "create", "--username", "zoe", "--json"));
  assert.is(preset.invite.username, "zoe");
});

invites("list prints a table with each invite's id and purpose, newest first", async ({ ok }) => {
  assert.is(await ok("invite", "list"), "There are no invites.\n");
  await ok("invite", "create", "--note", "older");
  const group = ["--purpose", "group", "--note", "newer", "--json"];
  const { invite } = JSON.parse(await ok("invite", "create", ...group));
  const [header, newer, older, ...more] = lines(await ok("invite", "list"));
  assert.match(header ?? "", /^TOKEN +ID +PURPOSE +STATE +USES +USERNAME +EXPIRES +NOTE$/);
  const [token, id, purpose, state, uses] = (newer ?? "").split(/ +/);
  assert.equal([token, id, purpose, state], [invite.token, invite.id, "group", "pending"]);
  assert.match(uses ?? "", /^0\/\d+$/);
  assert.match(newer ?? "", /newer$/);
  assert.match(older ?? "", /older$/);
  assert.is(more.length, 0);
});

invites("list --json prints all pages, an object a line", async ({ server, ok }) => {
  const key = await server.createKey("example.com");
  const batch = 50;
  for (let made = 0; made < 1_050; made += batch) {
    await Promise.all(
      Array.from({ length: batch }, () => server.rpc("InviteService/CreateInvite", key, {})),
    );
  }
  const listed = lines(await ok("invite", "list", "--json")).map((line) => JSON.parse(line));
  assert.is(listed.length, 1_050);
  assert.is(new Set(listed.map(({ token }) => token)).size, 1_050);
  // The table says what its columns are once.
  assert.is((await ok("invite", "list")).match(/TOKEN/g)?.length, 1);
});

invites("show and revoke take a token", async ({ ok }) => {
  const { invite } = JSON.parse(await ok("invite", "create", "--json"));
  assert.equal(JSON.parse(await ok("invite", "show", "--json", "--", invite.token)), { invite });
  assert.match(await ok("invite", "show", "--", invite.token), /^State {4}pending$/m);
  const revoked = await ok("invite", "revoke", "--", invite.token);
  assert.is(revoked, `${invite.token} is revoked\n`);
  const again = JSON.parse(await ok("invite", "revoke", "--json", "--", invite.token));
  assert.is(again.invite.state, "INVITE_STATE_REVOKED");
});

const PASSWORD = "correct horse battery";

invites("redeem reads the password from standard input", async ({ ok, outcome }) => {
  const { invite } = JSON.parse(await ok("invite", "create", "--json"));
  const redeem = ["invite", "redeem", "--", invite.token, "newcomer"];
  assert.match((await outcome(redeem)).stderr, "no password");
  const { status, stdout, stderr } = await outcome(redeem, { stdin: `${PASSWORD}\n` });
  assert.is(status, 0, stderr);
  assert.is(stdout, "The invite is redeemed for newcomer@example.com\n");
  assert.match(await ok("invite", "show", "--", invite.token), "by newcomer@example.com at");
  const redemptions = await ok("invite", "redemptions", "--", invite.token);
  assert.match(redemptions, /^USER +REDEEMED\nnewcomer@example.com {2}/);
  // The same again succeeds, without the line end too, and another password does not.
  const json = ["invite", "redeem", "--json", "--", invite.token, "newcomer"];
  const again = await outcome(json, { stdin: PASSWORD });
  assert.equal(JSON.parse(again.stdout), { userJid: "newcomer@example.com" });
  assert.is((await outcome(json, { stdin: "another password" })).status, 1);
});

invites(
  "redeem asks for the password on a terminal, twice, and does not show it",
  async (context) => {
    const { server, ok } = context;
    const env = { DOORMAN_URL: server.url, DOORMAN_KEY: await server.createKey("example.com") };
    const { invite } = JSON.parse(await ok("invite", "create", "--json"));
    const redeem = `invite redeem -- ${invite.token} newcomer`;
    const differing = await onTerminal(redeem, env, type(PASSWORD, "something else"));
    assert.match(differing.stdout, "not the same");
    assert.is(differing.status, 2);
    // What was mistyped is erased.
    const typed = type(`${PASSWORD}x\u007f`, PASSWORD);
    const { status, stdout } = await onTerminal(redeem, env, typed);
    assert.match(stdout, "Password: ");
    assert.match(stdout, "redeemed for newcomer@example.com");
    assert.not.match(stdout, "correct");
    assert.is(status, 0);
    const same = ["invite", "redeem", "--", invite.token, "newcomer"];
    assert.is((await context.outcome(same, { stdin: PASSWORD })).status, 0);
  },
);

invites("a note cannot steer the terminal", async ({ ok }) => {
  await ok("invite", "create", "--note", "plain \u202etxet");
  const [, row = ""] = lines(await ok("invite", "list"));
  assert.match(row, "plain \ufffdtxet");
});

invites.run();

const rosters = suite<Context>("doorman roster");
rosters.before.each(start);
rosters.after.each(({ server }) => server.close());

const JOHN = "john@example.com";

rosters("set, get and remove a contact", async ({ ok }) => {
  assert.is(await ok("roster", "get", JOHN), `${JOHN} has no contacts.\n`);
  const options = ["--name", "Marie", "--group", "Friends", "--group", "Work"];
  const done = await ok("roster", "set", JOHN, "marie@example.com", ...options);
  assert.is(done, `${JOHN} has the contact marie@example.com\n`);
  assert.equal(lines(await ok("roster", "get", JOHN)), [
    "JID                NAME   SUBSCRIPTION  GROUPS",
    "marie@example.com  Marie  both          Friends, Work",
  ]);
  const removed = await ok("roster", "remove", JOHN, "marie@example.com");
  assert.is(removed, `${JOHN} no longer has the contact marie@example.com\n`);
});

rosters("set, get and remove with --json", async ({ ok }) => {
  const subscription = ["--subscription", "to"];
  const set = await ok("roster", "set", JOHN, "bob@example.com", ...subscription, "--json");
  const contact = { jid: "bob@example.com", subscription: "SUBSCRIPTION_TO" };
  assert.equal(JSON.parse(set), { contact });
  assert.equal(JSON.parse(await ok("roster", "get", JOHN, "--json")), { contacts: [contact] });
  assert.is(await ok("roster", "remove", JOHN, "bob@example.com", "--json"), "{}\n");
});

rosters("replace reads a file, and what get --json printed", async ({ server, ok }) => {
  const file = join(server.dataFolder, "contacts.json");
  const contacts = [{ jid: "marie@example.com", name: "Marie" }, { jid: "bob@example.com" }];
  writeFileSync(file, JSON.stringify(contacts));
  const replaced = await ok("roster", "replace", JOHN, file);
  assert.is(replaced, `${JOHN}: 2 added, 0 changed, 0 removed\n`);
  writeFileSync(file, await ok("roster", "get", JOHN, "--json"));
  assert.is(await ok("roster", "replace", JOHN, file), `${JOHN}: unchanged\n`);
});

rosters("replace reads standard input, where [] empties the roster", async (context) => {
  const { ok, outcome } = context;
  await ok("roster", "set", JOHN, "bob@example.com");
  const replace = ["roster", "replace", JOHN, "-", "--json"];
  const emptied = succeeded(await outcome(replace, { stdin: "[]" }));
  assert.equal(JSON.parse(emptied), { changes: { removed: 1 } });
});

rosters("replace refuses what is no list of contacts, and changes nothing", async (context) => {
  const { ok, outcome } = context;
  await ok("roster", "set", JOHN, "bob@example.com");
  for (const stdin of ["", "{}", "nonsense", '[{"jit":"x@example.com"}]', '{"contacts":{}}']) {
    const { status, stdout, stderr } = await outcome(["roster", "replace", JOHN, "-"], { stdin });
    assert.is(status, 2, stderr);
    assert.is(stdout, "");
    assert.match(stderr, /^Error: standard input: /);
  }
  assert.match(await ok("roster", "get", JOHN), "bob@example.com");
});

rosters("refresh tells what became of each user", async ({ ok }) => {
  const tried = await ok("roster", "refresh", "john", "aaron", "--dry-run");
  assert.match(tried, "Dry run, nothing was changed: 2 would be up to date, 0 failed");
  assert.equal(lines(await ok("roster", "refresh", "john", "aaron")), [
    "john   2 added, 0 changed, 0 removed",
    "aaron  2 added, 0 changed, 0 removed",
    "2 up to date, 0 failed",
  ]);
  const { status, updated, results } = JSON.parse(
    await ok("roster", "refresh", "--host", "example.com", "--json", "john"),
  );
  assert.equal(
    { status, updated, results },
    {
      status: "ok",
      updated: 1,
      results: [{ username: "john", unchanged: {} }],
    },
  );
});

rosters("refresh of many is one call, and answers in the order of the names", async (context) => {
  const { server, outcome } = context;
  const names = Array.from({ length: 249 }, (_, index) => `nobody${index}`);
  const command = ["roster", "refresh", "john", "--from", "-", "--json"];
  const answer = await outcome(command, { stdin: `john\n${names.join("\r\n")}\n\n` });
  assert.is(answer.status, 6, answer.stderr);
  const { status, updated, errors, results } = JSON.parse(answer.stdout);
  assert.equal({ status, updated, errors }, { status: "ok", updated: 1, errors: 249 });
  const usernames = results.map(({ username }: { username: string }) => username);
  assert.equal(usernames, ["john", ...names]);
  const calls = server.log.match(/"rpc":"doorman.v1.RosterService\/RefreshRostersWithProgress"/g);
  assert.is(calls?.length, 1);
});

rosters("refresh of more than a request holds goes in several", async ({ server, outcome }) => {
  const names = Array.from({ length: 1_000 }, (_, index) => `${index}`.padStart(1_000, "a"));
  const command = ["roster", "refresh", "john", "--from", "-", "--json"];
  const answer = await outcome(command, { stdin: names.join("\n") });
  assert.is(answer.status, 6, answer.stderr);
  const { updated, errors, results } = JSON.parse(answer.stdout);
  assert.equal([updated, errors, results.length], [1, 1_000, 1_001]);
  const calls = server.log.match(/"rpc":"doorman.v1.RosterService\/RefreshRostersWithProgress"/g);
  assert.is(calls?.length, 2);
});

rosters("refresh draws a progress bar on a terminal", async ({ server }) => {
  const file = join(server.dataFolder, "names.txt");
  writeFileSync(file, Array.from({ length: 150 }, (_, index) => `nobody${index}\n`).join(""));
  const env = { DOORMAN_URL: server.url, DOORMAN_KEY: await server.createKey("example.com") };
  const { stdout } = await onTerminal(`roster refresh --from ${file}`, env);
  assert.match(stdout, /\[\.{30}\] 0 of 150/);
  assert.match(stdout, /\[#{20}\.{10}\] 100 of 150/);
  assert.match(stdout, /\[#{30}\] 150 of 150/);
});

rosters("refresh names the line of a name that is none", async ({ server, outcome }) => {
  const file = join(server.dataFolder, "names.txt");
  writeFileSync(file, "john\n\n  aaron\nnot a name\n");
  const command = ["roster", "refresh", "marie", "--from", file];
  const answer = await outcome(command);
  assert.is(answer.status, 2);
  assert.match(answer.stderr, `Error: line 4 of ${file}: "not a name": `);
  const { stderr } = await outcome([...command, "--json"]);
  const { message, detail } = JSON.parse(stderr);
  assert.match(message, `line 4 of ${file}: "not a name": `);
  assert.is(detail.reason, "ERROR_REASON_INVALID_FIELD");
});

rosters("refresh says in its help how long it waits", async ({ ok }) => {
  assert.match(await ok("roster", "refresh", "--help"), /\(default:\s+6h\)/);
  assert.match(await ok("roster", "get", "--help"), /\(default:\s+30s\)/);
});

rosters.run();

const hats = suite<Context>("doorman hat");
hats.before.each(start);
hats.after.each(({ server }) => server.close());

hats("add, list and remove a hat", async ({ okAtLocalhost: ok }) => {
  const added = await ok("hat", "add", ...WHOSE, HAT, "--title", "Host");
  assert.is(added, `user@localhost has the hat ${HAT}\n`);
  assert.equal(lines(await ok("hat", "list", ...WHOSE)), [
    "ID                             ACTIVE  REQUIRED  TITLE",
    `${HAT}  yes     no        Host`,
  ]);
  const removed = await ok("hat", "remove", ...WHOSE, HAT);
  assert.is(removed, `user@localhost does not have the hat ${HAT}\n`);
  assert.is(
    await ok("hat", "list", ...WHOSE),
    "user@localhost has no hats in room@conference.localhost.\n",
  );
});

hats("add, list and remove with --json", async ({ okAtLocalhost: ok }) => {
  const options = ["--required", "--inactive", "--json"];
  assert.is(await ok("hat", "add", ...WHOSE, HAT, ...options), "{}\n");
  const listed = JSON.parse(await ok("hat", "list", ...WHOSE, "--json"));
  assert.equal(listed, { hats: { [HAT]: { required: true } } });
  assert.is(await ok("hat", "remove", ...WHOSE, HAT, "--json"), "{}\n");
});

hats("list of a room shows everybody's hats", async ({ okAtLocalhost: ok }) => {
  const [room, user] = WHOSE as [string, string];
  assert.is(await ok("hat", "list", room), `Nobody has hats in ${room}.\n`);
  await ok("hat", "add", ...WHOSE, HAT, "--title", "Host");
  await ok("hat", "add", ...WHOSE, "urn:example:guest", "--inactive");
  assert.equal(lines(await ok("hat", "list", room)), [
    "USER            HATS",
    `${user}  Host, urn:example:guest (inactive)`,
  ]);
  assert.equal(JSON.parse(await ok("hat", "list", room, "--json")), {
    userJid: user,
    hats: { [HAT]: { active: true, title: "Host" }, "urn:example:guest": {} },
  });
});

hats("set reads a file, and what list --json printed", async (context) => {
  const { server, okAtLocalhost: ok } = context;
  await ok("hat", "add", ...WHOSE, "urn:example:old");
  const file = join(server.dataFolder, "hats.json");
  writeFileSync(file, JSON.stringify({ [HAT]: { active: true, title: "Host" } }));
  const done = await ok("hat", "set", ...WHOSE, file);
  assert.is(done, `user@localhost has exactly these hats: ${HAT}\n`);
  const listed = await ok("hat", "list", ...WHOSE, "--json");
  assert.equal(Object.keys(JSON.parse(listed).hats), [HAT]);
  writeFileSync(file, listed);
  assert.is(await ok("hat", "set", ...WHOSE, file, "--json"), "{}\n");
  assert.is(await ok("hat", "list", ...WHOSE, "--json"), listed);
});

hats.run();

/** Runs a command with a terminal for its output; util-linux's script gives it one. */
/** Types a password, and then another one to repeat it. */
function type(first: string, second: string) {
  return [
    { at: "Password: ", text: `${first}\r` },
    { at: "Repeat it: ", text: `${second}\r` },
  ];
}

function onTerminal(
  command: string,
  env: Record<string, string>,
  typed: RunOptions["typed"] = [],
): Promise<CommandOutcome> {
  const bin = new URL("../../bin/doorman.js", import.meta.url).pathname;
  const line = `'${process.execPath}' '${bin}' ${command}`;
  return run("script", ["-qec", line, "/dev/null"], { env, typed });
}
