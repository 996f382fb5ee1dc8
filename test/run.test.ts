import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { run } from "./support/run-command.js";
import { suite } from "./support/suite.js";

const RUNNER = fileURLToPath(new URL("./run.js", import.meta.url));
const runTests = (...parameters: string[]) => run(process.execPath, [RUNNER, ...parameters]);

const runner = suite("the test runner");

runner("runs the files with a part of their path, in both parts of the tests", async () => {
  const { status, stdout } = await runTests("refresh-at-many");
  assert.match(stdout, /^ok {3}long\/refresh-at-many-logins\.test\.js \(1 passed, 0 failed\)/);
  assert.match(stdout, /\n1 passed, 0 failed\n$/);
  assert.is(status, 0);
});

runner("runs a single case by a part of its name, in upper or lower case", async () => {
  const { status, stdout } = await runTests("connection-delays", "REFUSED LOGIN");
  assert.match(stdout, /\n1 passed, 0 failed\n$/);
  assert.is(status, 0);
});

runner("fails when no file and when no case has that in its name", async () => {
  const noFile = await runTests("no-such-file");
  assert.match(noFile.stdout, 'no test file has "no-such-file" in its name');
  assert.is(noFile.status, 1);
  const noCase = await runTests("connection-delays", "no such case");
  assert.match(noCase.stdout, 'no case has "no such case" in its name');
  assert.is(noCase.status, 1);
});

runner.run();
