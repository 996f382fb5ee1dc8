import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  ConfigurationError,
  readConfiguration,
  readXmppPassword,
} from "../src/configuration/configuration-file.js";

interface Context {
  folder: string;
  password: string | undefined;
  /** Writes the configuration file and answers its path. */
  write: (...lines: string[]) => string;
}

const configuration = suite<Context>("the configuration file");

configuration.before.each((context) => {
  context.password = process.env.DOORMAN_XMPP_PASSWORD;
  delete process.env.DOORMAN_XMPP_PASSWORD;
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  context.write = (...lines) => {
    const file = join(context.folder, "doorman.yaml");
    writeFileSync(file, `${lines.join("\n")}\n`);
    return file;
  };
});
configuration.after.each(({ folder, password }) => {
  if (password === undefined) delete process.env.DOORMAN_XMPP_PASSWORD;
  else process.env.DOORMAN_XMPP_PASSWORD = password;
  rmSync(folder, { recursive: true, force: true });
});

configuration("may be absent or empty: the defaults are safe", ({ write }) => {
  for (const file of [undefined, write(""), write("# nothing"), write("{}"), write("---")]) {
    const defaults = readConfiguration(file);
    assert.equal(defaults.listen, { host: "127.0.0.1", port: 5280 });
    assert.is(defaults.xmpp, undefined);
    assert.is(defaults.hosts, undefined);
    assert.is(defaults.public_url, undefined);
    assert.is(defaults.log_level, "info");
    assert.is(defaults.muc_kick.authorization_header, undefined);
    assert.is(defaults.roster_admin.allow_without_key_from, undefined);
    assert.equal(defaults.invites, { ttl: 7 * 86_400_000 });
  }
});

configuration("is read as the documents show it", ({ write, folder }) => {
  const file = write(
    "listen: 127.0.0.1:5280",
    "public_url: https://example.com/",
    "data: ./data",
    "hosts:",
    "  Example.com:",
    "    muc: [chat.example.org]",
    "    roster_url: http://app.example.org/contacts/%s",
    "  localhost:",
    "xmpp:",
    "  service: xmpp://127.0.0.1:5222",
    "  jid: doorman@example.com",
    "  password_file: password.txt",
    'muc_kick: { authorization_header: "Basic YWxhZGRpbjpvcGVuc2VzYW1l" }',
    "roster_admin: { allow_without_key_from: [127.0.0.1, '::1'] }",
    "invites: { issuer: server, ttl: 12h }",
  );
  const read = readConfiguration(file);
  assert.is(read.public_url, "https://example.com");
  assert.is(read.data, join(folder, "data"));
  assert.equal(read.hosts, {
    "example.com": {
      muc: ["chat.example.org"],
      roster_url: "http://app.example.org/contacts/%s",
    },
    localhost: {},
  });
  assert.is(read.xmpp?.jid.bare, "doorman@example.com");
  assert.is(read.xmpp?.password_file, join(folder, "password.txt"));
  assert.is(read.muc_kick.authorization_header, "Basic YWxhZGRpbjpvcGVuc2VzYW1l");
  assert.equal(read.roster_admin.allow_without_key_from, ["127.0.0.1", "::1"]);
  assert.equal(read.invites, { issuer: "server", ttl: 12 * 3_600_000 });
});

configuration("leaves absolute paths as they are", ({ write }) => {
  const xmpp = "xmpp: { service: 'xmpp://127.0.0.1', jid: d@e.example, password_file: /a/b }";
  const read = readConfiguration(write("data: /var/lib/doorman", xmpp));
  assert.is(read.data, "/var/lib/doorman");
  assert.is(read.xmpp?.password_file, "/a/b");
});

const XMPP = ["xmpp:", "  service: xmpp://127.0.0.1:5222", "  jid: doorman@example.com"];
const faults: [name: string, lines: string[], line: number, key: string][] = [
  ["an unknown key", ["data: d", "", "lisen: 127.0.0.1:1"], 3, "lisen"],
  ["an unknown key further down", ["invites:", "  ttl: 7d", "  tll: 7d"], 3, "invites.tll"],
  ["an unknown key of a host", ["hosts:", "  a.example:", "    mcu: []"], 3, "hosts.a.example.mcu"],
  ["a number for an address", ["listen: 5280"], 1, "listen"],
  ["an address without a port", ["", "listen: 127.0.0.1"], 2, "listen"],
  ["a port that is too high", ["listen: 127.0.0.1:65536"], 1, "listen"],
  ["an IPv6 address without brackets", ["listen: '::1:5280'"], 1, "listen"],
  ["a list for a text", ["data: [a, b]"], 1, "data"],
  ["an empty data folder", ["data: ''"], 1, "data"],
  ["a text for a map", ["invites: server"], 1, "invites"],
  ["an issuer that there is not", ["invites:", "  issuer: nobody"], 2, "invites.issuer"],
  ["a lifetime without a unit", ["invites:", "  ttl: '7'"], 2, "invites.ttl"],
  ["a lifetime that is a number", ["invites:", "  ttl: 7"], 2, "invites.ttl"],
  ["no lifetime at all", ["invites:", "  ttl: 0d"], 2, "invites.ttl"],
  ["a negative lifetime", ["invites:", "  ttl: -1d"], 2, "invites.ttl"],
  ["an absurd lifetime", ["invites:", "  ttl: 3651d"], 2, "invites.ttl"],
  ["a public URL that is none", ["public_url: example.com"], 1, "public_url"],
  ["a public URL with a query", ["public_url: https://example.com/?a=b"], 1, "public_url"],
  ["a public URL that is no web address", ["public_url: ftp://example.com"], 1, "public_url"],
  ["a log level that there is not", ["log_level: loud"], 1, "log_level"],
  ["no host under hosts", ["hosts: {}"], 1, "hosts"],
  ["a host that is none", ["hosts:", "  a.example:", "  not a host:"], 3, "hosts.not a host"],
  ["a roster URL without %s", ["hosts: { a.example: { roster_url: http://a/ } }"], 1, "roster_url"],
  [
    "a MUC domain that is none",
    ["hosts:", "  a.example:", "    muc:", "      - c.example", "      - a b"],
    5,
    "hosts.a.example.muc.1",
  ],
  [
    "a MUC domain of two hosts",
    ["hosts:", "  a.example:", "    muc: [c.example]", "  b.example:", "    muc: [C.example]"],
    5,
    "hosts.b.example.muc.0",
  ],
  ["an XMPP server without an account", XMPP.slice(0, 2), 1, "xmpp.jid"],
  ["an account without an XMPP server", ["xmpp:", XMPP[2] ?? ""], 1, "xmpp.service"],
  ["an account with a resource", [...XMPP.slice(0, 2), "  jid: d@e.example/r"], 3, "xmpp.jid"],
  ["an account that is a domain", [...XMPP.slice(0, 2), "  jid: e.example"], 3, "xmpp.jid"],
  ["a web address for the server", ["xmpp: { service: http://a, jid: a@b }"], 1, "xmpp.service"],
  ["a password in the file", [...XMPP, "  password: secret"], 4, "xmpp.password"],
  ["an empty authorization header", ["muc_kick: { authorization_header: '' }"], 1, "muc_kick"],
  [
    "a host name for an address",
    ["roster_admin:", "  allow_without_key_from: [127.0.0.1, localhost]"],
    2,
    "roster_admin.allow_without_key_from.1",
  ],
  ["a list for the whole", ["- listen: 127.0.0.1:5280"], 1, "the file"],
  ["a text for the whole", ["listen"], 1, "the file"],
];
for (const [name, lines, line, key] of faults) {
  configuration(`with ${name} is refused with file, line and key`, ({ write }) => {
    const file = write(...lines);
    const message = fault(() => readConfiguration(file));
    assert.is(message.split("\n").length, 1, message);
    assert.ok(message.startsWith(`${file}:${line}: `), message);
    assert.match(message, key);
    assert.ok(message.length > `${file}:${line}: ${key}: `.length, message);
  });
}

const syntaxFaults: [name: string, lines: string[], line: number][] = [
  ["a tab for a space", ["hosts:", "\ta.example:"], 2],
  ["a bracket that is not closed", ["data: d", "roster_admin: { allow_without_key_from: ["], 2],
  ["a key that is there twice", ["data: d", "listen: 127.0.0.1:1", "data: e"], 3],
  ["an alias of nothing", ["data: d", "listen: *nothing"], 2],
  ["two documents", ["data: d", "---", "data: e"], 2],
];
for (const [name, lines, line] of syntaxFaults) {
  configuration(`with ${name} is refused with file and line`, ({ write }) => {
    const file = write(...lines);
    const message = fault(() => readConfiguration(file));
    const [, first] = /^.*:(\d+): /.exec(message) ?? [];
    assert.ok(message.startsWith(`${file}:`), message);
    assert.ok(Number(first) >= line && Number(first) <= lines.length + 1, message);
  });
}

configuration("is checked as a whole: every fault has its line", ({ write }) => {
  const file = write("listen: 1", "dta: d", "invites:", "  ttl: soon", "  issuer: me");
  const lines = fault(() => readConfiguration(file)).split("\n");
  const found = lines.map((line) => line.slice(file.length).split(": ").slice(0, 2).join(": "));
  assert.equal(found.sort(), [":1: listen", ":2: dta", ":4: invites.ttl", ":5: invites.issuer"]);
});

configuration("with one host in two spellings is refused", ({ write }) => {
  const file = write("hosts:", "  a.example: { muc: [c.example] }", "  A.example: {}");
  assert.match(
    fault(() => readConfiguration(file)),
    `${file}:3: `,
  );
});

configuration("that expands without end is refused", ({ write }) => {
  const lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
  for (const [one, other] of ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"]) {
    lines.push(`${other}: &${other} [${`*${one}, `.repeat(9)}*${one}]`);
  }
  const file = write(...lines);
  assert.match(
    fault(() => readConfiguration(file)),
    file,
  );
});

configuration("that is not there is refused with its name", ({ folder }) => {
  const file = join(folder, "missing.yaml");
  assert.match(
    fault(() => readConfiguration(file)),
    /missing\.yaml/,
  );
  assert.match(
    fault(() => readConfiguration(folder)),
    folder,
  );
});

configuration("names the file that holds the password, on its first line", ({ write, folder }) => {
  writeFileSync(join(folder, "password.txt"), "open sesame \r\nnot this\n");
  const file = write(...XMPP, "  password_file: password.txt");
  assert.is(readXmppPassword(xmppOf(file)), "open sesame ");
});

configuration("gives way to DOORMAN_XMPP_PASSWORD", ({ write, folder }) => {
  writeFileSync(join(folder, "password.txt"), "open sesame\n");
  process.env.DOORMAN_XMPP_PASSWORD = "from outside";
  const withFile = write(...XMPP, "  password_file: password.txt");
  assert.is(readXmppPassword(xmppOf(withFile)), "from outside");
  assert.is(readXmppPassword(xmppOf(write(...XMPP))), "from outside");
  process.env.DOORMAN_XMPP_PASSWORD = "";
  const again = write(...XMPP, "  password_file: password.txt");
  assert.is(readXmppPassword(xmppOf(again)), "open sesame");
});

configuration("without a password says where to write it", ({ write }) => {
  const message = fault(() => readXmppPassword(xmppOf(write(...XMPP))));
  assert.match(message, /xmpp\.password_file.*DOORMAN_XMPP_PASSWORD/);
});

configuration("with a password file that is missing, empty or a folder says so", (context) => {
  const { folder, write } = context;
  const file = write(...XMPP, "  password_file: password.txt");
  const path = join(folder, "password.txt");
  assert.match(
    fault(() => readXmppPassword(xmppOf(file))),
    path,
  );
  for (const text of ["", "\n", "\nsecond line\n"]) {
    writeFileSync(path, text);
    assert.match(
      fault(() => readXmppPassword(xmppOf(file))),
      new RegExp(`${path}.*empty`),
    );
  }
  rmSync(path);
  mkdirSync(path);
  assert.match(
    fault(() => readXmppPassword(xmppOf(file))),
    path,
  );
});

function xmppOf(file: string) {
  const { xmpp } = readConfiguration(file);
  if (xmpp === undefined) throw new Error("the file has no XMPP server");
  return xmpp;
}

/** Answers the message of the ConfigurationError that a call throws. */
function fault(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert.instance(error, ConfigurationError, String(error));
    return (error as ConfigurationError).message;
  }
  assert.unreachable("the configuration was taken");
  return "";
}

configuration.run();
