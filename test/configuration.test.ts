import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ConfigurationError } from "../src/configuration/configuration-error.js";
import { readConfiguration, readXmppPassword } from "../src/configuration/configuration-file.js";
import { suite } from "./support/suite.js";

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
    assert.is(defaults.connections_per_address, 512);
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
    'muc_kick: { authorization_header: "Bearer 5c1f0a9e7d3b4862" }',
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
  assert.is(read.muc_kick.authorization_header, "Bearer 5c1f0a9e7d3b4862");
  assert.equal(read.roster_admin.allow_without_key_from, ["127.0.0.1", "::1"]);
  assert.equal(read.invites, { issuer: "server", ttl: 12 * 3_600_000 });
});

const XMPP = ["xmpp:", "  service: xmpp://127.0.0.1:5222", "  jid: doorman@example.com"];

configuration("takes an authorization header of 16 characters, in the sandbox any", ({ write }) => {
  const header = (text: string) => `muc_kick: { authorization_header: "${text}" }`;
  const long = readConfiguration(write(...XMPP, header("Basic YTpiY2RlZm")));
  assert.is(long.muc_kick.authorization_header, "Basic YTpiY2RlZm");
  assert.is(readConfiguration(write(header("x"))).muc_kick.authorization_header, "x");
});

configuration("reads for how long browsers use nothing but https", ({ write }) => {
  const tls = (hsts: string) =>
    readConfiguration(
      write(`tls: { listen: 127.0.0.1:0, cert: cert.pem, key: key.pem, hsts: ${hsts} }`),
    ).tls?.hsts;
  assert.is(tls("365d"), 365 * 86_400_000);
  assert.is(tls("0s"), 0);
});

configuration("keeps ownership of rooms unless it says otherwise", ({ write }) => {
  assert.is(xmppOf(write(...XMPP)).return_ownership, false);
  assert.is(xmppOf(write(...XMPP, "  return_ownership: true")).return_ownership, true);
});

configuration("says how long Doorman stays in a room", ({ write }) => {
  assert.is(xmppOf(write(...XMPP)).room_stay, 10_000);
  assert.is(xmppOf(write(...XMPP, "  room_stay: 2m")).room_stay, 120_000);
  assert.is(xmppOf(write(...XMPP, "  room_stay: 0s")).room_stay, 0);
});

configuration("leaves absolute paths as they are", ({ write }) => {
  const xmpp = "xmpp: { service: 'xmpp://127.0.0.1', jid: d@e.example, password_file: /a/b }";
  const read = readConfiguration(write("data: /var/lib/doorman", xmpp));
  assert.is(read.data, "/var/lib/doorman");
  assert.is(read.xmpp?.password_file, "/a/b");
});

configuration("names the file that holds the password, on its first line", ({ write, folder }) => {
  writeFileSync(join(folder, "password.txt"), "open sesame \r\nnot this\n", { mode: 0o600 });
  const file = write(...XMPP, "  password_file: password.txt");
  assert.is(readXmppPassword(xmppOf(file)), "open sesame ");
});

configuration("gives way to DOORMAN_XMPP_PASSWORD", ({ write, folder }) => {
  writeFileSync(join(folder, "password.txt"), "open sesame\n", { mode: 0o600 });
  process.env.DOORMAN_XMPP_PASSWORD = "from outside";
  const withFile = write(...XMPP, "  password_file: password.txt");
  assert.is(readXmppPassword(xmppOf(withFile)), "from outside");
  assert.is(readXmppPassword(xmppOf(write(...XMPP))), "from outside");
  process.env.DOORMAN_XMPP_PASSWORD = "";
  const again = write(...XMPP, "  password_file: password.txt");
  assert.is(readXmppPassword(xmppOf(again)), "open sesame");
});

configuration("refuses a password file that others can read, and names chmod", (context) => {
  const { folder, write } = context;
  const file = write(...XMPP, "  password_file: password.txt");
  const path = join(folder, "password.txt");
  writeFileSync(path, "open sesame\n");
  for (const mode of [0o644, 0o604, 0o666, 0o660, 0o602]) {
    chmodSync(path, mode);
    const message = fault(() => readXmppPassword(xmppOf(file)));
    assert.match(message, `chmod 600 ${path}`, mode.toString(8));
  }
});

configuration("takes a password file that the owner's group can read", ({ folder, write }) => {
  const file = write(...XMPP, "  password_file: password.txt");
  const path = join(folder, "password.txt");
  writeFileSync(path, "open sesame\n");
  for (const mode of [0o640, 0o440, 0o400]) {
    chmodSync(path, mode);
    assert.is(readXmppPassword(xmppOf(file)), "open sesame", mode.toString(8));
  }
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
    writeFileSync(path, text, { mode: 0o600 });
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
