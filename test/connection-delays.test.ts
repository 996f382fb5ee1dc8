import * as assert from "uvu/assert";
import {
  delayAfterFailures,
  delayAfterRefusals,
} from "../src/chat-server/xmpp/connection/delays.js";
import { suite } from "./support/suite.js";

const delays = suite("pauses before Doorman connects again");

delays("are at most two seconds after any number of failures, and random", () => {
  const found = Array.from({ length: 1_000 }, (_, failures) => delayAfterFailures(failures));
  assert.equal(
    found.filter((delayMs) => delayMs < 100 || delayMs > 2_000),
    [],
  );
  assert.ok(new Set(found).size > 100);
});

delays("are two seconds after a refused login, and a quarter of an hour after fifteen", () => {
  const found = Array.from({ length: 16 }, (_, index) => delayAfterRefusals(index + 1));
  assert.equal(found, [...Array(14).fill(2_000), 900_000, 900_000]);
});

delays.run();
