import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { rootOf } from "./support/debian-release.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";

const SCRIPT = fileURLToPath(new URL("../../scripts/install-debian-13", import.meta.url));

const refusals = suite("scripts/install-debian-13 with a folder that is not its own");

refusals("refuses a relative path", async () => {
  const { status, stderr } = await install("debian-13");
  assert.is(status, 1);
  assert.match(stderr, "DOORMAN_TEST_DEBIAN_13 must be an absolute path, not debian-13");
});

refusals("refuses a folder with something else in it, and leaves it alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  try {
    writeFileSync(join(folder, "something"), "");
    const { status, stderr } = await install(folder);
    assert.is(status, 1);
    assert.match(stderr, `${folder} exists and lacks some of these: prosody`);
    assert.equal(readdirSync(folder), ["something"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

refusals.run();

const repeated = suite("scripts/install-debian-13 where the servers are");

repeated("says their versions and changes nothing", async () => {
  const root = rootOf("13");
  const before = statSync(root);
  const { status, stdout } = await install(root);
  assert.is(status, 0);
  assert.match(stdout, /^ejabberd 24\.12.*^prosody 13\.0/ms);
  assert.equal([statSync(root).ino, statSync(root).mtimeMs], [before.ino, before.mtimeMs]);
});

if (prosodyIsThere("scripts/install-debian-13 where the servers are", "13")) repeated.run();

function install(root: string): Promise<{ status: number; stdout: string; stderr: string }> {
  const env = { ...process.env, DOORMAN_TEST_DEBIAN_13: root };
  return new Promise((resolve) => {
    execFile(SCRIPT, { env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
