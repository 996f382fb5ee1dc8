import { pino } from "pino";
import * as assert from "uvu/assert";
import { startSandbox } from "../../src/chat-server/sandbox/sandbox.js";
import { Hosts } from "../../src/hosts/hosts.js";
import { refreshAtLogin } from "../../src/rosters/refresh-at-login.js";
import { refreshTurns } from "../../src/rosters/refresh-roster.js";
import { KeyedLock } from "../../src/waiting/keyed-lock.js";
import { PATIENCE_MS } from "../support/patience.js";
import { suite } from "../support/suite.js";

/** Those that are refreshed at once, and those that may wait. */
const TAKEN = 4 + 100_000;

const logins = suite("when more users come online at once than may wait");

// As many XMPP clients would not fit on the machine of a test.
logins("the others are left out, said in one line, and refreshed at their next login", async () => {
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line) => lines.push(line) });
  const sandbox = await startSandbox([{ host: "example.com", muc: [] }]);
  const closing = new AbortController();
  try {
    let logIn: (userJid: string) => void = () => {};
    const chatServer = {
      ...sandbox,
      rosters: sandbox.rosters,
      close: () => sandbox.close(),
      logins: {
        covers: () => true,
        listen: (listener: typeof logIn) => {
          logIn = listener;
        },
      },
    };
    // Without a contacts app each attempt ends at once, and is told.
    const hosts = new Hosts({ "example.com": {} }, sandbox, log);
    const dependencies = {
      hosts,
      chatServer,
      rosterLock: new KeyedLock(),
      refreshTurns: refreshTurns(),
      log,
    };
    refreshAtLogin(dependencies, new Map([["example.com", 3_600_000]]), closing.signal);
    for (let user = 0; user < TAKEN + 7; user++) logIn(`user${user}@example.com`);
    await until(() => lines.length > TAKEN);
    const attempts = lines.filter((line) => line.includes("could not be refreshed at login"));
    const missed = lines.filter((line) => line.includes("too many logins at once"));
    assert.equal([attempts.length, missed.length], [TAKEN, 1]);
    assert.match(missed[0] ?? "", '"logins":7');
    lines.length = 0;
    logIn(`user${TAKEN}@example.com`);
    await until(() => lines.length > 0);
    assert.match(lines[0] ?? "", `"user":"user${TAKEN}@example.com"`);
  } finally {
    closing.abort();
    await sandbox.close();
  }
});

logins.run();

async function until(isDone: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isDone()) {
    assert.ok(Date.now() < deadline, "it took too long");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
