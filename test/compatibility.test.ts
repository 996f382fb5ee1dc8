import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import {
  compatibilityTable,
  serversWithoutRecord,
  withoutVersions,
} from "./contract/compatibility-table.js";
import { isRequired } from "./support/debian-release.js";
import { suite } from "./support/suite.js";

// The runner runs this file last, when the contract suites of the same run have left their records.
const missing = serversWithoutRecord();

const table = suite("docs/compatibility.md");

table("is what the contract suite saw on each server; npm run compatibility writes it", () => {
  const file = new URL("../../docs/compatibility.md", import.meta.url);
  assert.fixture(
    withoutVersions(readFileSync(file, "utf8")),
    withoutVersions(compatibilityTable()),
  );
});

if (missing.length === 0) {
  table.run();
} else if (process.env.CI && isRequired("13")) {
  throw new Error(`there is no record of the contract suite on ${missing.join(", ")}`);
} else {
  console.log(
    `skipped: docs/compatibility.md (the contract was not played on ${missing.join(", ")})`,
  );
}
