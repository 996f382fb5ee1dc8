import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { DoormanProcess } from "./support/doorman-process.js";
import { packagesIn, packagesLoadedBy } from "./support/loaded-packages.js";
import { suite } from "./support/suite.js";

const loading = suite("what a command loads");

/** What only a Doorman that serves needs. */
const SERVER = ["better-sqlite3", "hono", "kysely", "pino", "yaml", "zod"];

loading("--version loads commander alone", async () => {
  assert.equal(await packagesLoadedBy("--version"), ["commander"]);
});

for (const command of ["serve", "keys", "keys create"]) {
  loading(`the help of ${command} loads commander alone`, async () => {
    assert.equal(await packagesLoadedBy(...command.split(" "), "--help"), ["commander"]);
  });
}

for (const command of ["--help", "kick --help", "doctor --help", "completion bash"]) {
  loading(`doorman ${command} loads none of the server's packages`, async () => {
    const loaded = await packagesLoadedBy(...command.split(" "));
    assert.ok(loaded.includes("@bufbuild/protobuf"), loaded.join(" "));
    const excess = loaded.filter((name) => SERVER.includes(name) || name.startsWith("@xmpp/"));
    assert.equal(excess, []);
  });
}

loading("serve loads nothing that speaks XMPP for the sandbox", async () => {
  const folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  const written = join(folder, "coverage");
  const main = fileURLToPath(new URL("../src/main.js", import.meta.url));
  try {
    const command = ["env", `NODE_V8_COVERAGE=${written}`, process.execPath, main, "serve"];
    const doorman = await DoormanProcess.serveBy(command, join(folder, "data"));
    assert.is(await doorman.stop("SIGTERM"), 0);
    const loaded = packagesIn(written);
    assert.ok(loaded.includes("kysely"), loaded.join(" "));
    const excess = loaded.filter((name) => name.startsWith("@xmpp/") || name === "pino-pretty");
    assert.equal(excess, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

loading.run();
