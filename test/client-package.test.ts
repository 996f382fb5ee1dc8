import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import { packPackage, succeed } from "./support/npm.js";
import { run } from "./support/run-command.js";
import { suite } from "./support/suite.js";

const CLIENT = fileURLToPath(new URL("../../client", import.meta.url));
const TSC = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url));

const clientPackage = suite<{ folder: string; doorman: TestDoorman }>("the client's npm package");

clientPackage.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  context.doorman = await TestDoorman.start();
});
clientPackage.after.each(async ({ folder, doorman }) => {
  await doorman.close();
  rmSync(folder, { recursive: true, force: true });
});

clientPackage("installs, type-checks and runs in an empty project", async (context) => {
  const { folder, doorman } = context;
  const tarball = await packPackage(CLIENT, folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  await succeed(folder, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", tarball);
  const installed = readdirSync(join(folder, "node_modules")).filter((name) => name[0] !== ".");
  assert.equal(installed, ["@bufbuild", "@connectrpc", "doorman-xmpp-client"]);

  const key = await doorman.createKey("example.com");
  writeFileSync(join(folder, "program.ts"), program(doorman.url, key));
  // Without skipLibCheck: the package's own declarations are checked too.
  const options = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", ""];
  await succeed(folder, TSC, ...options, "program.ts");
  const printed = await succeed(folder, process.execPath, "program.js");
  assert.equal(JSON.parse(printed), {
    nicknames: ["Alice", "Bob", "Carol", "Marie"],
    reason: "OCCUPANT_NOT_FOUND",
    condition: "item-not-found",
  });
});

clientPackage("reports what does not fit the contract as type errors", async ({ folder }) => {
  const tarball = await packPackage(CLIENT, folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  await succeed(folder, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", tarball);
  const right = program("http://127.0.0.1", "key");
  const wrong = right.replace("{ roomJid: roomJid }", "{ roomJit: roomJid }");
  assert.is.not(wrong, right);
  writeFileSync(join(folder, "program.ts"), wrong);
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"];
  const { status, stdout } = await run(TSC, [...options, "program.ts"], { cwd: folder });
  assert.is.not(status, 0);
  assert.match(stdout, "roomJit");
});

clientPackage("holds the client alone, and nothing that only Node.js has", async ({ folder }) => {
  await succeed(folder, "tar", "xzf", await packPackage(CLIENT, folder));
  const root = join(folder, "package");
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  const strange = files.filter(
    (file) =>
      !/^(package\.json|README\.md|LICENSE|dist\/(client\/src|gen\/doorman\/v1)\/\w[\w-]*(\.js|\.d\.ts))$/.test(
        file,
      ),
  );
  assert.equal(strange, []);
  const scripts = files.filter((file) => file.endsWith(".js"));
  assert.ok(scripts.length > 10);
  for (const script of scripts) {
    const source = readFileSync(join(root, script), "utf8");
    const imports = [...source.matchAll(/\bfrom "([^"]+)"/g)].map(([, name]) => name ?? "");
    assert.not.match(source, /\b(require|import)\(|"node:/);
    for (const name of imports)
      assert.match(name, /^(\.|@bufbuild\/protobuf|@connectrpc\/connect)/);
  }
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const names = ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-web"];
  assert.equal(Object.keys(dependencies), names);
});

clientPackage.run();

function program(baseUrl: string, key: string): string {
  return `
import { createDoorman, DoormanError, ErrorReason, type Occupant } from "doorman-xmpp-client";
const { rooms } = createDoorman({ baseUrl: ${JSON.stringify(baseUrl)}, key: ${JSON.stringify(key)} });
const roomJid: string = "snuggery@chat.example.org";
const { occupants }: { occupants: Occupant[] } = await rooms.listOccupants({ roomJid: roomJid });
const nicknames: string[] = occupants.map((occupant) => occupant.nickname);
try {
  await rooms.kickOccupant({ roomJid, nickname: "Nobody" });
} catch (error) {
  if (!(error instanceof DoormanError)) throw error;
  const reason: string | undefined = ErrorReason[error.reason];
  console.log(JSON.stringify({ nicknames, reason, condition: error.stanza?.condition }));
}
`;
}
