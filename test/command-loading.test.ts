import * as assert from "uvu/assert";
import { packagesLoadedBy } from "./support/loaded-packages.js";
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

loading.run();
