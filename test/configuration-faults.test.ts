import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ConfigurationError } from "../src/configuration/configuration-error.js";
import { readConfiguration } from "../src/configuration/configuration-file.js";
import { suite } from "./support/suite.js";

interface Context {
  folder: string;
  /** Writes the configuration file and answers its path. */
  write: (...lines: string[]) => string;
}

const faulty = suite<Context>("a faulty configuration file");

faulty.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  context.write = (...lines) => {
    const file = join(context.folder, "doorman.yaml");
    writeFileSync(file, `${lines.join("\n")}\n`);
    return file;
  };
});
faulty.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

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
  ["a text for a yes", [...XMPP, "  return_ownership: 'yes'"], 4, "xmpp.return_ownership"],
  ["a stay that is too long", [...XMPP, "  room_stay: 2d"], 4, "xmpp.room_stay"],
  ["a public URL that is none", ["public_url: example.com"], 1, "public_url"],
  ["a public URL with a password", ["public_url: https://a:b@example.com"], 1, "public_url"],
  ["a public URL with a query", ["public_url: https://example.com/?a=b"], 1, "public_url"],
  ["a public URL that is no web address", ["public_url: ftp://example.com"], 1, "public_url"],
  ["a log level that there is not", ["log_level: loud"], 1, "log_level"],
  ["no stanza outstanding", [...XMPP, "  max_outstanding: 0"], 4, "xmpp.max_outstanding"],
  ["a word for a number", [...XMPP, "  max_outstanding: many"], 4, "xmpp.max_outstanding"],
  ["half a stanza", [...XMPP, "  max_outstanding: 1.5"], 4, "xmpp.max_outstanding"],
  ["no host under hosts", ["hosts: {}"], 1, "hosts"],
  ["a host that is none", ["hosts:", "  a.example:", "  not a host:"], 3, "hosts.not a host"],
  ["a roster URL without %s", ["hosts: { a.example: { roster_url: http://a/ } }"], 1, "roster_url"],
  [
    "a roster URL with %s for the app",
    ["hosts: { a.example: { roster_url: http://%s/ } }"],
    1,
    "%s",
  ],
  [
    "a roster URL with %s in its fragment",
    ["hosts: { a.example: { roster_url: 'http://a/#%s' } }"],
    1,
    "roster_url",
  ],
  [
    "a roster URL with a password that is not percent-encoded",
    ["hosts: { a.example: { roster_url: 'http://a:1%@b/%s' } }"],
    1,
    "percent-encoded",
  ],
  [
    "a roster URL with half an encoding in its user",
    ["hosts: { a.example: { roster_url: 'http://a%:41@b/%s' } }"],
    1,
    "roster_url",
  ],
  [
    "a roster URL with %s twice",
    ["hosts: { a.example: { roster_url: 'http://a/%s?user=%s' } }"],
    1,
    "%s once",
  ],
  ["a roster URL of no host", ["hosts: { a.example: { roster_url: 'http://[/%s' } }"], 1, "roster"],
  [
    "a host called __proto__",
    ["hosts:", "  __proto__: {}"],
    2,
    "hosts.__proto__: expected a domain",
  ],
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
  [
    "credentials in the server's address",
    ["xmpp: { service: 'xmpp://a:b@c', jid: a@b }"],
    1,
    "xmpp.service",
  ],
  ["a web address for the server", ["xmpp: { service: http://a, jid: a@b }"], 1, "xmpp.service"],
  ["a password in the file", [...XMPP, "  password: secret"], 4, "xmpp.password"],
  [
    "a short authorization header in front of a server",
    [...XMPP, "muc_kick:", "  authorization_header: Basic YTpiY2RlZ"],
    5,
    "muc_kick.authorization_header: has 15 characters",
  ],
  ...["dXNlcm5hbWU6cGFzc3dvcmQ=", "YWxhZGRpbjpvcGVuc2VzYW1l", "dXNlcjpwYXNz"].map(
    (credentials): [string, string[], number, string] => [
      `the published authorization header Basic ${credentials} in front of a server`,
      [...XMPP, "muc_kick:", `  authorization_header: Basic ${credentials}`],
      5,
      "muc_kick.authorization_header: is an example of .* write one of your own",
    ],
  ),
  ["no connection for an address", ["connections_per_address: 0"], 1, "connections_per_address"],
  ["too many connections", ["connections_per_address: 4097"], 1, "connections_per_address"],
  ["an empty authorization header", ["muc_kick: { authorization_header: '' }"], 1, "muc_kick"],
  [
    "a host name for an address",
    ["roster_admin:", "  allow_without_key_from: [127.0.0.1, localhost]"],
    2,
    "roster_admin.allow_without_key_from.1",
  ],
  ["a name for a proxy", ["trusted_proxies: [127.0.0.1, proxy]"], 1, "trusted_proxies.1"],
  ["a network that is too narrow", ["trusted_proxies: [10.0.0.0/33]"], 1, "trusted_proxies.0"],
  ["a name of the site that is empty", ["pages: { site_name: ' ' }"], 1, "pages.site_name"],
  ["a privacy page that is a script", ["pages: { privacy_url: 'javascript:x' }"], 1, "privacy_url"],
  ["a web chat with a password", ["pages: { web_chat_url: 'https://a:b@c' }"], 1, "web_chat_url"],
  [
    "an app that is not known",
    ["pages:", "  apps:", "    - Monal", "    - Monel"],
    4,
    "pages.apps.1: expected one of Conversations, .*, or { name: ",
  ],
  [
    "an app that is a script",
    [
      "pages:",
      "  apps:",
      "    - name: Ours",
      "      url: 'javascript:x'",
      "      platforms: [ios]",
    ],
    4,
    "pages.apps.0.url: expected a URL",
  ],
  [
    "an app without a platform",
    ["pages:", "  apps:", "    - { name: Ours, url: 'https://a.example' }"],
    3,
    "pages.apps.0.platforms: expected a list such as",
  ],
  [
    "an app for an unknown platform",
    ["pages:", "  apps:", "    - name: Ours", "      url: https://a", "      platforms: [ios, tv]"],
    5,
    "pages.apps.0.platforms.1: expected one of android, ios",
  ],
  [
    "an app with an unknown key",
    ["pages:", "  apps:", "    - { name: A, url: 'https://a', platforms: [ios], icon: b }"],
    3,
    "pages.apps.0.icon",
  ],
  ["a list for the whole", ["- listen: 127.0.0.1:5280"], 1, "the file"],
  ["a text for the whole", ["listen"], 1, "the file"],
];
for (const [name, lines, line, key] of faults) {
  faulty(`with ${name} is refused with file, line and key`, ({ write }) => {
    const file = write(...lines);
    const message = fault(() => readConfiguration(file));
    assert.is(message.split("\n").length, 1, message);
    assert.ok(message.startsWith(`${file}:${line}: `), message);
    assert.match(message, new RegExp(key));
    assert.ok(message.length > `${file}:${line}: ${key}: `.length, message);
  });
}

const types: [lines: string[], text: string][] = [
  [["xmpp:"], "xmpp: expected service, jid and password_file below it"],
  [["xmpp: prosody"], "xmpp: expected service, jid and password_file below it"],
  [["pages:"], "pages: expected site_name, privacy_url, web_chat_url or apps below it"],
  [["pages: { apps: Monal }"], "pages.apps: expected a list such as [Conversations, Monal, Gajim]"],
  [["pages: { apps: [1] }"], "pages.apps.0: expected name, url and platforms below it"],
  [["invites:"], "invites: expected issuer, ttl, reserved_usernames or protected_users below it"],
  [["tls: 5281"], "tls: expected listen, cert and key below it"],
  [
    ["tls: { listen: 0.0.0.0:5281, key: key.pem }"],
    "tls.cert: expected the certificate's PEM file, such as cert.pem",
  ],
  [
    ["tls: { listen: 0.0.0.0:5281, cert: cert.pem, key: key.pem, hsts: true }"],
    "tls.hsts: expected for how long browsers use nothing but https, such as 365d; 0s takes it back",
  ],
  [["hosts:"], "hosts: expected the hosts below it, each by its domain, such as example.com: {}"],
  [["hosts: { a.example: text }"], "hosts.a.example: expected muc, roster_url or both below it"],
  [
    ["hosts: { a.example: { muc: c.example } }"],
    "hosts.a.example.muc: expected a list such as [chat.example.org]",
  ],
  [["muc_kick: true"], "muc_kick: expected authorization_header below it"],
  [["roster_admin: []"], "roster_admin: expected allow_without_key_from below it"],
  [["cors: {}"], "cors.allow_origins: expected a list such as [https://console.example.com]"],
  [["data: 5"], "data: expected a folder such as ./data"],
  [["log_level: loud"], "log_level: expected one of debug, info, warn, error"],
  [["- data"], "the file: expected settings such as listen: 127.0.0.1:5280"],
];
for (const [lines, text] of types) {
  faulty(`that says "${lines.join(" ")}" is told what to write`, ({ write }) => {
    const file = write(...lines);
    assert.is(
      fault(() => readConfiguration(file)),
      `${file}:1: ${text}`,
    );
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
  faulty(`with ${name} is refused with file and line`, ({ write }) => {
    const file = write(...lines);
    const message = fault(() => readConfiguration(file));
    const [, first] = /^.*:(\d+): /.exec(message) ?? [];
    assert.ok(message.startsWith(`${file}:`), message);
    assert.ok(Number(first) >= line && Number(first) <= lines.length + 1, message);
  });
}

faulty("is checked as a whole: every fault has its line", ({ write }) => {
  const file = write("listen: 1", "dta: d", "invites:", "  ttl: soon", "  issuer: me");
  const lines = fault(() => readConfiguration(file)).split("\n");
  const found = lines.map((line) => line.slice(file.length).split(": ").slice(0, 2).join(": "));
  assert.equal(found.sort(), [":1: listen", ":2: dta", ":4: invites.ttl", ":5: invites.issuer"]);
});

faulty("with one host in two spellings is refused", ({ write }) => {
  const file = write("hosts:", "  a.example: { muc: [c.example] }", "  A.example: {}");
  assert.match(
    fault(() => readConfiguration(file)),
    `${file}:3: `,
  );
});

faulty("that expands without end is refused", ({ write }) => {
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

faulty("that is not there is refused with its name", ({ folder }) => {
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

faulty.run();
