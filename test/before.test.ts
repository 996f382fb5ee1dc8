import { setImmediate } from "node:timers/promises";
import * as assert from "uvu/assert";
import { before } from "../src/waiting/before.js";
import { withDeadline } from "../src/waiting/with-deadline.js";
import { suite } from "./support/suite.js";

const waits = suite("many waits on one signal");

waits("are not taken for a leak by Node.js, which would say so in the log", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  try {
    for (const wait of [
      (signal: AbortSignal) => before(setImmediate(), signal, 10_000, () => new Error()),
      (signal: AbortSignal) => withDeadline(signal, 10_000, () => setImmediate()),
    ]) {
      const { signal } = new AbortController();
      await Promise.all(Array.from({ length: 40 }, () => wait(signal)));
    }
  } finally {
    process.off("warning", onWarning);
  }
  assert.equal(warnings, []);
});

waits.run();
