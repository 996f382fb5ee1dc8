import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { DoormanProcess } from "./support/doorman-process.js";
import { packPackage, succeed } from "./support/npm.js";
import { PATIENCE_MS } from "./support/patience.js";
import { run } from "./support/run-command.js";
import { suite } from "./support/suite.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const serverPackage = suite<{ folder: string }>("the server's npm package");

serverPackage.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
});
serverPackage.after.each(({ folder }) => {
  rmSync(folder, { recursive: true, force: true });
});

serverPackage("gives a doorman command that serves and calls", async ({ folder }) => {
  const tarball = await packPackage(ROOT, folder);
  const prefix = join(folder, "prefix");
  const options = ["--prefix", prefix, "--prefer-offline", "--no-audit", "--no-fund"];
  // Without scripts: the one of better-sqlite3 may compile for minutes.
  await succeed(folder, "npm", "install", "--global", "--ignore-scripts", ...options, tarball);
  addCompiledDatabase(join(prefix, "lib/node_modules/doorman-xmpp"));
  const command = join(prefix, "bin/doorman");

  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  assert.is((await succeed(folder, command, "--version")).trim(), version);
  const doorman = await DoormanProcess.serveBy([command, "serve"], join(folder, "data"));
  try {
    const env = { DOORMAN_URL: doorman.url, DOORMAN_KEY: doorman.firstKey ?? "" };
    const { status, stdout, stderr } = await run(command, ["invite", "create", "--json"], { env });
    assert.is(status, 0, stderr);
    assert.match(JSON.parse(stdout).invite.landingPageUrl, `${doorman.url}/`);
    const docs = await fetch(`${doorman.url}/docs`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    assert.is(docs.status, 200);
  } finally {
    await doorman.stop("SIGTERM");
  }
  // With npx it would be somebody else's package.
  const again = await DoormanProcess.serveBy([command, "serve"], join(folder, "data"));
  await again.stop("SIGTERM");
  assert.match(again.stdout, /: doorman keys create example\.com /);
  assert.not.match(again.stdout, "npx");
});

serverPackage("carries what a chat server's operator needs, and no tests", async ({ folder }) => {
  const tarball = await packPackage(ROOT, folder);
  const files = (await succeed(folder, "tar", "tzf", tarball)).trim().split("\n");
  const names = files.map((file) => file.replace(/^package\//, ""));
  for (const name of [
    "doorman.example.yaml",
    "ejabberd/doorman.yml",
    "prosody/doorman.cfg.lua",
    "proto/doorman/v1/invite_service.proto",
    "dist/client/src/index.js",
    "dist/src/main.js",
    "LICENSE",
    "README.md",
  ]) {
    assert.ok(names.includes(name), name);
  }
  const known =
    /^(LICENSE|README\.md|package\.json|doorman\.example\.yaml|bin\/doorman\.js|gen\/openapi\.json|dist\/(client\/src|gen|src)\/.*\.js|ejabberd\/.*\.yml|prosody\/.*\.lua|proto\/doorman\/.*\.proto)$/;
  assert.equal(
    names.filter((name) => !known.test(name)),
    [],
  );
});

serverPackage("is what npx doorman runs in a clone, without asking npm", async ({ folder }) => {
  const options = ["--offline", "--ignore-scripts", "--cache", folder];
  const help = await succeed(ROOT, "npx", ...options, "doorman", "--help");
  assert.match(help, /^Usage: doorman /);
});

serverPackage.run();

/** Puts the checkout's compiled better-sqlite3 into an installed package: it is the same version. */
function addCompiledDatabase(installed: string): void {
  const compiled = "build/Release/better_sqlite3.node";
  const from = createRequire(import.meta.url).resolve("better-sqlite3/package.json");
  const to = createRequire(join(installed, "package.json")).resolve("better-sqlite3/package.json");
  assert.is(readFileSync(to, "utf8"), readFileSync(from, "utf8"));
  cpSync(join(dirname(from), compiled), join(dirname(to), compiled));
}
