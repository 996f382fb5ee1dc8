import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import { runDoorman } from "./support/doorman-process.js";
import { suite } from "./support/suite.js";

const storage = suite<{ folder: string }>("the data folder that doorman keys works on");

storage.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
});
storage.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

storage("holds the SHA-256 of the token and never the token", async ({ folder }) => {
  const [id = "", token = ""] = (await create(folder)).split("/");
  const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
  const text = bytes.join("");
  assert.match(text, id);
  assert.match(text, createHash("sha256").update(token).digest("hex"));
  assert.not.match(text, token);
});

storage("is made so that nobody but the owner can enter it", async ({ folder }) => {
  await create(join(folder, "made-by-doorman"));
  assert.is(statSync(join(folder, "made-by-doorman")).mode & 0o077, 0);
});

storage("has no file that others can read, though they may enter it", async ({ folder }) => {
  chmodSync(folder, 0o755);
  await create(folder);
  for (const name of readdirSync(folder)) {
    assert.is(statSync(join(folder, name)).mode & 0o077, 0, name);
  }
});

storage("is refused when it was restored so that others can read it", async ({ folder }) => {
  await create(folder);
  for (const name of ["doorman.sqlite", "doorman.sqlite-wal", "doorman.sqlite-shm"]) {
    const file = join(folder, name);
    writeFileSync(file, "", { flag: "a" });
    for (const mode of [0o644, 0o640, 0o606]) {
      chmodSync(file, mode);
      const command = ["keys", "list", "example.com", "--data", folder];
      const { status, stdout, stderr } = await runDoorman(...command);
      assert.is(status, 1, `${name} ${mode.toString(8)}: ${stdout}`);
      assert.match(stderr, `run chmod 600 ${file}`);
      assert.not.match(stderr, "--data");
    }
    const { status, stderr } = await runDoorman("serve", "--listen=127.0.0.1:0", "--data", folder);
    assert.is(status, 1);
    assert.match(stderr, `run chmod 600 ${file}`);
    chmodSync(file, 0o600);
  }
  assert.match(await create(folder), "/");
});

storage("may be a running server's, where changes take effect at once", async () => {
  const doorman = await TestDoorman.start();
  try {
    const key = await create(doorman.dataFolder);
    assert.is((await doorman.rpc("InviteService/ListInvites", key, {})).status, 200);
    assert.is((await doorman.fetch(`/invites_api?key=${key}`)).status, 201);
    const [id = ""] = key.split("/");
    const outcome = await runDoorman(
      ...["keys", "delete", "example.com", id, "--data", doorman.dataFolder],
    );
    assert.is(outcome.status, 0, outcome.stderr);
    assert.is((await doorman.rpc("InviteService/ListInvites", key, {})).status, 401);
    assert.is((await doorman.fetch(`/invites_api?key=${key}`)).status, 403);
  } finally {
    await doorman.close();
  }
});

storage("may be new to several commands at once", async ({ folder }) => {
  const path = join(folder, "new");
  const keys = await Promise.all(Array.from({ length: 12 }, () => create(path)));
  const { stdout } = await runDoorman("keys", "list", "example.com", "--data", path);
  const ids = keys.map((key) => key.split("/")[0]).sort();
  assert.equal(stdout.match(/^\S+/gm)?.sort(), ids);
});

async function create(folder: string): Promise<string> {
  const outcome = await runDoorman("keys", "create", "example.com", "--init", "--data", folder);
  assert.is(outcome.status, 0, outcome.stderr);
  return outcome.stdout.trimEnd();
}

storage.run();
