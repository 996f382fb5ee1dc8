import { pino } from "pino";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { startSandbox } from "../src/chat-server/sandbox/sandbox.js";
import { Hosts } from "../src/hosts/hosts.js";
import { parseBareJid } from "../src/jid/jid.js";
import { refreshTurns } from "../src/rosters/refresh-roster.js";
import { refreshUser } from "../src/rosters/refresh-users.js";
import { KeyedLock } from "../src/waiting/keyed-lock.js";
import { suite } from "./support/suite.js";
import { TestContactsApp } from "./support/test-contacts-app.js";

const refresh = suite("refreshing one user of several");

// No known chat server does that, which is the point: so this one does it on purpose.
refresh("makes a result of what Doorman did not foresee, and logs it", async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line) => lines.push(line) });
  const contactsApp = await TestContactsApp.start();
  contactsApp.serve({});
  const sandbox = await startSandbox([{ host: "example.com", muc: ["chat.example.org"] }]);
  try {
    sandbox.rosters.get = () => Promise.reject(new TypeError("rows.map is not a function"));
    const hosts = { "example.com": { roster_url: contactsApp.rosterUrl } };
    const dependencies = {
      hosts: new Hosts(hosts, sandbox, log),
      chatServer: sandbox,
      rosterLock: new KeyedLock(),
      refreshTurns: refreshTurns(),
      log,
    };
    const { signal } = new AbortController();
    const john = parseBareJid("john@example.com", "john");
    const { outcome } = await refreshUser(dependencies, john, { dryRun: false, signal });
    assert.is(outcome.case, "error");
    const { detail, message } = outcome.case === "error" ? outcome.value : {};
    assert.is(detail?.reason, ErrorReason.INTERNAL);
    assert.not.match(message ?? "", "rows.map");
    assert.match(lines.join(""), /unforeseen fault/);
    assert.match(lines.join(""), /rows\.map is not a function/);
  } finally {
    await sandbox.close();
    await contactsApp.close();
  }
});

refresh.run();
