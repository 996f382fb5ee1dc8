import { faultSuite } from "../faults/fault-suite.js";
import { startProsody } from "../support/prosody.js";
import { prosodyIsThere } from "../support/prosody-is-there.js";

if (prosodyIsThere("faults: Prosody")) {
  faultSuite("Prosody", () => startProsody({ modules: ["admin_shell"] }));
}
