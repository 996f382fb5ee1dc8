import * as assert from "uvu/assert";
import { withConfiguration } from "./support/doctor.js";
import { TestDoorman } from "./support/doorman.js";
import type { CommandOutcome } from "./support/doorman-process.js";
import { freePort, startProsody } from "./support/prosody.js";
import { PROSODY_PASSWORD } from "./support/prosody-configuration.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { doorman } from "./support/run-command.js";
import { suite } from "./support/suite.js";

/** From exit-status.ts. */
const USAGE = 2;
const NOT_FOUND = 3;
const NOT_THERE = 5;
const TO_CONFIGURE = 7;

const doctor = suite("doorman doctor");

doctor("asks a running Doorman with a key, and ends with 0 when all is ready", async () => {
  const server = await TestDoorman.start();
  try {
    const env = { DOORMAN_URL: server.url, DOORMAN_KEY: await server.createKey("example.com") };
    const { status, stdout, stderr } = await doorman(["doctor"], { env });
    assert.is(status, 0, stderr);
    assert.match(stdout, /^example\.com: connected to Doorman's sandbox$/m);
    assert.match(stdout, /^ready +kick occupants +\S/m);
    const json = await doorman(["doctor", "--json"], { env });
    assert.is(JSON.parse(json.stdout).capabilities.length, 12);
  } finally {
    await server.close();
  }
});

doctor("refuses a host that is not served, a missing file, and two ways at once", async () => {
  const yaml = "hosts: { example.com: {} }\n";
  await withConfiguration(yaml, "any", async (file) => {
    const strange = await doorman(["doctor", "nowhere.example", "--config", file]);
    assert.is(strange.status, NOT_FOUND);
    assert.match(strange.stderr, "nowhere.example");
    const both = await doorman(["doctor", "--config", file, "--url", "http://127.0.0.1:1"]);
    assert.is(both.status, USAGE);
    const missing = await doorman(["doctor", "--config", `${file}.none`]);
    assert.is(missing.status, 1);
    assert.match(missing.stderr, "Cannot read");
  });
});

doctor("reads DOORMAN_CONFIG, over which --url wins", async () => {
  const yaml = "hosts: { example.com: {} }\n";
  const server = await TestDoorman.start();
  try {
    await withConfiguration(yaml, "any", async (file) => {
      const env = {
        DOORMAN_CONFIG: `${file}.none`,
        DOORMAN_KEY: await server.createKey("example.com"),
      };
      const missing = await doorman(["doctor"], { env });
      assert.is(missing.status, 1);
      assert.match(missing.stderr, `Cannot read ${file}.none`);
      const asked = await doorman(["doctor", "--url", server.url], { env });
      assert.is(asked.status, 0, asked.stderr);
    });
  } finally {
    await server.close();
  }
});

doctor("says that nothing listens where the server should be", async () => {
  const { status, stdout } = await examine(`xmpp://127.0.0.1:${await freePort()}`, "any");
  assert.is(status, NOT_THERE);
  assert.match(stdout, /^example\.com: Not connected .*connection refused$/m);
});

if (prosodyIsThere("doorman doctor: Prosody")) {
  doctor("says what Prosody takes no password for, and what is left to configure", async () => {
    const prosody = await startProsody();
    try {
      const refused = await examine(prosody.service, "wrong");
      assert.is(refused.status, NOT_THERE);
      assert.match(refused.stdout, /^example\.com: Not connected .*password/m);

      // The contacts app is the one thing that this configuration is without.
      const { status, stdout } = await examine(prosody.service, PROSODY_PASSWORD);
      assert.is(status, TO_CONFIGURE);
      assert.match(stdout, /^example\.com: connected to Prosody 0\.12/m);
      assert.match(stdout, /^ready +give hats /m);
      assert.match(stdout, /^unavailable +refresh rosters /m);
      assert.match(stdout, /^doorman\.yaml:\n {4}hosts:\n.*\n.*roster_url: .*%s$/m);
    } finally {
      await prosody.stop();
    }
  });

  doctor("ends in its time when the server takes connections and says nothing", async () => {
    const prosody = await startProsody();
    try {
      prosody.pause();
      const { status, stdout } = await examine(
        prosody.service,
        PROSODY_PASSWORD,
        "--timeout",
        "3s",
      );
      assert.is(status, NOT_THERE);
      assert.match(stdout, /^example\.com: Not connected /m);
    } finally {
      prosody.resume();
      await prosody.stop();
    }
  });
}

doctor.run();

/** Runs `doorman doctor --config` for a server, where no Doorman runs. */
function examine(service: string, password: string, ...options: string[]): Promise<CommandOutcome> {
  const yaml = `hosts: { example.com: {} }
xmpp: { service: "${service}", jid: doorman@example.com, password_file: password.txt }
`;
  return withConfiguration(yaml, password, (file) =>
    doorman(["doctor", "--config", file, ...options]),
  );
}
