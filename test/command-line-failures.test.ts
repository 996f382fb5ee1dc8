import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { ServerService } from "../gen/doorman/v1/server_service_pb.js";
import { COMMAND_OF_METHOD } from "../src/commands/command-words.js";
import { TestDoorman } from "./support/doorman.js";
import { FlakyProxy } from "./support/flaky-proxy.js";
import { doorman } from "./support/run-command.js";
import { suite } from "./support/suite.js";

const SNUGGERY = "snuggery@chat.example.org";
const OCCUPANTS = ["occupants", SNUGGERY];

interface Context {
  server: TestDoorman;
  env: { DOORMAN_URL: string; DOORMAN_KEY: string };
}

async function start(context: Context): Promise<void> {
  context.server = await TestDoorman.start();
  const DOORMAN_KEY = await context.server.createKey("example.com");
  context.env = { DOORMAN_URL: context.server.url, DOORMAN_KEY };
}

/** Runs a command that must fail with a status, and answers what it says. */
async function fails(
  status: number,
  parameters: string[],
  env: Record<string, string>,
): Promise<string> {
  const outcome = await doorman(parameters, { env });
  assert.is(outcome.status, status, `${parameters.join(" ")}: ${outcome.stderr}`);
  assert.is(outcome.stdout, "");
  return outcome.stderr;
}

const statuses = suite<Context>("the command line's exit statuses and errors");
statuses.before.each(start);
statuses.after.each(({ server }) => server.close());

statuses("1 when the chat server refuses, and how it did", async ({ env }) => {
  const said = await fails(1, ["kick", SNUGGERY, "Alice"], env);
  assert.match(said, /^Error: Alice is an owner of .*chat server: cancel not-allowed, from snugg/);
});

statuses("6 when a refresh failed for all", async ({ env }) => {
  const { status, stdout } = await doorman(["roster", "refresh", "nobody"], { env });
  assert.is(status, 6);
  assert.match(stdout, "nobody  failed: The contacts app");
  assert.match(stdout, "0 up to date, 1 failed");
});

statuses("2 for wrong usage, with what is wrong", async ({ env }) => {
  const cases: [string[], string][] = [
    [["steal"], "unknown command 'steal'"],
    [["hat"], "Usage: doorman hat"],
    [["hat", "steal"], "unknown command 'steal'"],
    [["kick"], "missing required argument <room>"],
    [["hat", "add"], "(for help: doorman hat add --help)"],
    [["kick", SNUGGERY], "missing required argument <nickname>"],
    [["kick", SNUGGERY, "Bob", "--user", "bob@example.com"], "not both"],
    [["kick", "--all-rooms"], "--all-rooms needs --user"],
    [["kick", SNUGGERY, "--all-rooms", "--user", "bob@example.com"], "takes no room"],
    [["affiliation", "set", SNUGGERY, "bob@example.com", "king"], "Allowed choices are none, mem"],
    [["occupants", SNUGGERY, "--colour=red"], "unknown option '--colour=red'"],
    [["roster", "set", "a@b", "c@d", "--subscription", "all"], "Allowed choices are none, to"],
    [["invite", "create", "--ttl", "soon"], "such as 12h"],
    [["invite", "create", "--expire-time", "2030-01-31T12:00:00"], "with its zone"],
    [
      ["invite", "create", "--ttl", "1d", "--expire-time", "2030-01-31T12:00:00Z"],
      "cannot be used",
    ],
    [["invite", "create", "--max-uses", "0"], "from 1 to 1000000"],
    [["roster", "refresh"], "name a user, or a file with --from"],
    [["roster", "refresh", "--from", "/nonexistent"], "cannot read /nonexistent: ENOENT"],
    [[...OCCUPANTS, "--timeout", "soon"], "such as 5s or 2m"],
    [[...OCCUPANTS, "--url", "localhost"], "Expected a URL such as http://127.0.0.1:5280"],
    [[...OCCUPANTS, "--url", "http://id:token@localhost"], "use --key-file"],
    [["keys"], "Usage: doorman keys"],
    [["keys", "steal", "example.com"], "unknown command 'steal'"],
    [["keys", "create"], "missing required argument <host>"],
    [["keys", "create", "example.com", "name", "--colour=red"], "unknown option '--colour=red'"],
    [["keys", "create", "example.com", "--expires", "soon"], "Expected a lifetime such as 30d"],
    [["keys", "create", "example.com", "--grant", "rooms.burn"], "there is no grant rooms.burn"],
    [["serve", "--colour=red"], "unknown option '--colour=red'"],
    [["serve", "--listen", "everywhere"], "Expected HOST:PORT"],
    [["completion", "tcsh"], "Allowed choices are bash, zsh, fish"],
  ];
  for (const [parameters, what] of cases) {
    assert.match(await fails(2, parameters, env), what);
  }
});

statuses("2 for wrong usage in JSON too, where the caller asked for it", async ({ env }) => {
  const cases: [string[], string][] = [
    [["kick", SNUGGERY, "--json"], "missing required argument <nickname>"],
    [["roster", "refresh", "--from", "/nonexistent", "--json"], "cannot read /nonexistent"],
    [["keys", "list", "--json"], "missing required argument <host>"],
  ];
  for (const [parameters, what] of cases) {
    const { code, message } = JSON.parse(await fails(2, parameters, env));
    assert.is(code, "invalid_argument");
    assert.match(message, what);
  }
});

statuses("2 when Doorman finds an argument malformed", async ({ env }) => {
  assert.match(await fails(2, ["occupants", "snuggery"], env), /^Error: <room>: .*"snuggery"/);
});

statuses(
  "errors name the arguments, options and commands, and no field or call",
  async (context) => {
    const { env } = context;
    const invite = ["invite", "create"];
    const marie = "marie@example.com";
    const cases: [number, string[], RegExp][] = [
      [2, ["kick", "snuggery", "Bob"], /^Error: <room>: /],
      [2, ["kick", SNUGGERY, " "], /^Error: <nickname>: /],
      [2, ["kick", SNUGGERY, "--user", "bob"], /^Error: --user: /],
      [2, ["kick", "--all-rooms=a b", "--user", "bob@example.com"], /^Error: --all-rooms: /],
      [2, ["affiliation", "set", SNUGGERY, "bob", "member"], /^Error: <user>: /],
      [2, ["roster", "get", "john"], /^Error: <user>: /],
      [2, ["roster", "set", "john@example.com", "a b@c"], /^Error: <contact>: /],
      [2, ["roster", "set", "john@example.com", marie, "--group", ""], /^Error: --group: /],
      [2, ["roster", "set", "john@example.com", marie, "--name", "a\nb"], /^Error: --name: /],
      [
        2,
        ["hat", "add", "room@conference.localhost", "user@localhost", "host"],
        /^Error: <hat-id>: /,
      ],
      [2, [...invite, "--request-id", "a b"], /^Error: --request-id: /],
      [2, [...invite, "--inviter", "marie"], /^Error: --inviter: /],
      [2, [...invite, "--inviter", "marie", "--count", "2"], /^Error: --inviter: /],
      [2, [...invite, "--username", "zoe", "--max-uses", "2"], /^Error: --max-uses: /],
      [2, [...invite, "--ttl", "1m", "--host", "a b"], /^Error: --host: /],
      [2, ["invite", "show"], /^Error: <token>: /],
      [2, ["invite", "show", "token", "--id", "id"], /^Error: --id: /],
      [3, ["invite", "show", "nothing"], /: check it, or look in "doorman invite list"$/m],
      [3, ["kick", SNUGGERY, "Nobody"], /; "doorman occupants" tells who is there/],
      [
        3,
        ["occupants", "attic@chat.example.org"],
        /^Error: There is no room \S+; check its name \(/,
      ],
      [3, ["roster", "remove", "john@example.com", marie], /; "doorman roster get" tells who is /],
    ];
    for (const [status, parameters, what] of cases) {
      const said = await fails(status, parameters, env);
      assert.match(said, what, parameters.join(" "));
      assert.not.match(said, /_|doorman\.|[a-z][A-Z]/);
    }
  },
);

statuses(
  "errors in a file name the place in it, and no message of the contract",
  async (context) => {
    const cases: [string, RegExp][] = [
      ['[{"jit":"marie@example.com"}]', /^Error: standard input: .*"jit"/],
      ['[{"jid":5}]', /^Error: standard input: jid: expected string/],
      ['[{"jid":"a b@c"}]', /^Error: <file>: contacts\[0\]\.jid: /],
    ];
    for (const [stdin, what] of cases) {
      const replace = ["roster", "replace", "john@example.com", "-"];
      const { status, stderr } = await doorman(replace, { env: context.env, stdin });
      assert.is(status, 2, stderr);
      assert.match(stderr, what);
      assert.not.match(stderr, /doorman\.v1|message/);
    }
  },
);

statuses("every call of the contract has a command that errors can name", async () => {
  const services = [HatService, InviteService, RoomService, RosterService, ServerService];
  const methods = services.flatMap((service) => service.methods.map(({ name }) => name));
  assert.equal(Object.keys(COMMAND_OF_METHOD).sort(), methods.sort());
  const { stdout } = await doorman(["completion", "fish"]);
  for (const command of Object.values(COMMAND_OF_METHOD)) {
    const [, path = "", option] = /^([a-z ]+?)(?: --([a-z-]+))?$/.exec(command) ?? [];
    assert.match(stdout, `'${path}'`);
    if (option !== undefined) assert.match(stdout, `-l ${option} `);
  }
});

statuses("3 for what is not found", async ({ env }) => {
  assert.match(await fails(3, ["kick", SNUGGERY, "Nobody"], env), /^Error: Nobody .*"Nobody"/);
  assert.match(await fails(3, ["roster", "get", "nobody@example.com"], env), "Error: ");
  assert.match(await fails(3, ["invite", "show", "nothing"], env), "Error: ");
  assert.match(await fails(3, ["occupants", "attic@chat.example.org"], env), "Error: ");
});

statuses("4 for a key that is wrong, or may not", async ({ server, env }) => {
  const unknown = { ...env, DOORMAN_KEY: "AAAAAAAA/BBBB" };
  assert.match(await fails(4, OCCUPANTS, unknown), "doorman keys create HOST");
  const weak = { ...env, DOORMAN_KEY: await server.createKey("example.com", ["rooms.read"]) };
  assert.match(await fails(4, ["kick", SNUGGERY, "Bob"], weak), "rooms.kick");
  const foreign = { ...env, DOORMAN_KEY: await server.createKey("localhost") };
  assert.match(await fails(4, OCCUPANTS, foreign), "Error: ");
});

statuses("5 when nobody is there, and what to do", async ({ env }) => {
  const gone = await FlakyProxy.start(undefined, 0);
  const { url } = gone;
  gone.close();
  const said = await fails(5, OCCUPANTS, { ...env, DOORMAN_URL: url });
  assert.match(said, `Error: Doorman could not be reached at ${url}: `);
  assert.match(said, "is it running there? Name another with --url or DOORMAN_URL");
});

statuses("5 when the answer does not come in time", async ({ env }) => {
  const silent = await FlakyProxy.start(undefined, 0);
  const { url } = silent;
  const said = await fails(5, [...OCCUPANTS, "--url", url, "--timeout", "1s"], env).finally(() =>
    silent.close(),
  );
  assert.match(said, `Doorman at ${url} did not answer in time; --timeout waits longer`);
});

statuses("6 when a refresh failed for some", async ({ env }) => {
  const { status, stdout } = await doorman(["roster", "refresh", "john", "nobody"], { env });
  assert.is(status, 6);
  assert.match(stdout, "1 up to date, 1 failed");
});

statuses("1 when something else answers than a Doorman", async ({ server, env }) => {
  const said = await fails(1, [...OCCUPANTS, "--url", `${server.url}/elsewhere`], env);
  assert.match(said, `the server at ${server.url}/elsewhere is not Doorman`);
});

statuses("with --json, the error is an object on standard error", async ({ env }) => {
  const error = JSON.parse(await fails(1, ["kick", SNUGGERY, "Alice", "--json"], env));
  assert.is(error.code, "failed_precondition");
  assert.match(error.message, "Alice is an owner");
  assert.is(error.detail.reason, "ERROR_REASON_SERVER_REFUSED");
  assert.is(error.detail.stanza.condition, "not-allowed");
});

statuses.run();

const keys = suite<Context>("the command line's key");
keys.before.each(start);
keys.after.each(({ server }) => server.close());

keys("is read from a file, which wins over the environment", async ({ server, env }) => {
  const file = join(server.dataFolder, "key.txt");
  writeFileSync(file, `${env.DOORMAN_KEY}\n`);
  const options = ["--key-file", file, "--url", server.url];
  const wrong = { DOORMAN_KEY: "AAAAAAAA/BBBB", DOORMAN_URL: "http://127.0.0.1:1" };
  const { status, stderr } = await doorman([...OCCUPANTS, ...options], { env: wrong });
  assert.is(status, 0, stderr);
});

keys("is asked for when there is none, and how to make one", async ({ server, env }) => {
  const without = { DOORMAN_URL: env.DOORMAN_URL };
  assert.match(await fails(2, OCCUPANTS, without), /^Error: no key: .*--key-file.*keys create/);
  assert.match(await fails(2, OCCUPANTS, { ...without, DOORMAN_KEY: " " }), "no key");
  const file = join(server.dataFolder, "empty.txt");
  const read = [...OCCUPANTS, "--key-file", file];
  assert.match(await fails(2, read, env), "cannot read the key file: ENOENT");
  writeFileSync(file, "\n");
  assert.match(await fails(2, read, env), `no key in ${file}`);
});

keys("is not quoted when it is malformed", async ({ server, env }) => {
  const file = join(server.dataFolder, "two.txt");
  writeFileSync(file, `${env.DOORMAN_KEY}\n${env.DOORMAN_KEY}\n`);
  const said = await fails(2, [...OCCUPANTS, "--key-file", file], env);
  assert.is(said, "Error: invalid key: expected ID/TOKEN on one line\n");
});

keys("cannot be given on the command line, where ps would show it", async ({ env }) => {
  const { DOORMAN_KEY, DOORMAN_URL } = env;
  for (const option of ["--key", "--token"]) {
    const said = await fails(2, [...OCCUPANTS, option, DOORMAN_KEY], { DOORMAN_URL });
    assert.match(said, "unknown option");
  }
});

keys.run();
