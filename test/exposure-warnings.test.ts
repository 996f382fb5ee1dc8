import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type ConfigurationInput, TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";
import { writeCertificate } from "./support/write-certificate.js";

/** Nobody listens there: Doorman starts, and is not ready. */
const XMPP = { service: "xmpp://127.0.0.1:1", jid: "doorman@example.com" };
const CLEAR_TEXT = "is clear text and can be reached from other machines";
const SANDBOX = "the sandbox can be reached from other machines";

const warnings = suite<{ folder: string }>("warnings at the start");

warnings.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  writeCertificate(context.folder);
  process.env.DOORMAN_XMPP_PASSWORD = "not needed";
});
warnings.after.each(({ folder }) => {
  delete process.env.DOORMAN_XMPP_PASSWORD;
  rmSync(folder, { recursive: true, force: true });
});

warnings("there are none on loopback", async () => {
  assert.equal(await warningsOf({}), []);
  assert.equal(await warningsOf({ xmpp: XMPP }), []);
  assert.equal(await warningsOf({ listen: "[::1]:0" }), []);
  assert.equal(await warningsOf({ listen: "localhost:0" }), []);
});

warnings("clear text on all addresses is warned of", async () => {
  assert.equal(await warningsOf({ listen: "0.0.0.0:0", xmpp: XMPP }), [CLEAR_TEXT]);
});

warnings("the sandbox on all addresses is warned of", async () => {
  assert.equal(await warningsOf({ listen: "0.0.0.0:0" }), [CLEAR_TEXT, SANDBOX]);
});

warnings("TLS on all addresses is warned of for the sandbox alone", async ({ folder }) => {
  const tls = { listen: "0.0.0.0:0", cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  assert.equal(await warningsOf({ tls }), [SANDBOX]);
  assert.equal(await warningsOf({ tls, xmpp: XMPP }), []);
});

/** Starts a Doorman, and returns which of the warnings it logs. */
async function warningsOf(configuration: ConfigurationInput): Promise<string[]> {
  const doorman = await TestDoorman.start(configuration);
  await doorman.close();
  const lines = doorman.log.split("\n").filter((line) => line.includes('"level":40'));
  return [CLEAR_TEXT, SANDBOX].filter((text) => lines.some((line) => line.includes(text)));
}

warnings.run();
