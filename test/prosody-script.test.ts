import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { PATIENCE_MS } from "./support/patience.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";

const NAME = "npm run prosody";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const script = suite(NAME);

script("ends Prosody and Doorman with status 0 when SIGTERM reaches npm", async () => {
  // Without the build before it: other tests run what it would write.
  const parameters = ["--silent", "run", "prosody", "--ignore-scripts", "--"];
  const npm = spawn("npm", [...parameters, "--listen", "127.0.0.1:0"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
  });
  const ended = once(npm, "exit");
  let printed = "";
  for await (const text of npm.stdout.setEncoding("utf8")) {
    printed += text;
    if (printed.includes("Ctrl-C stops both")) break;
  }
  const [, url] = /^Doorman listens on (\S+)\. /m.exec(printed) ?? [];
  assert.ok(url, printed);
  assert.is((await fetch(`${url}/readyz`)).status, 200);
  npm.kill("SIGTERM");
  assert.equal(await ended, [0, null]);
  const error = await fetch(`${url}/readyz`).then(
    () => undefined,
    (cause) => cause,
  );
  assert.is(error?.cause?.code, "ECONNREFUSED");
});

if (prosodyIsThere(NAME)) script.run();
