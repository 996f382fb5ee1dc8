import { faultSuite } from "../faults/fault-suite.js";
import { startProsody } from "../support/prosody.js";
import { prosodyIsThere } from "../support/prosody-is-there.js";

const server = "Prosody 0.12";
if (prosodyIsThere(`faults: ${server}`)) {
  faultSuite(server, () => startProsody({ modules: ["admin_shell"] }), "once");
}
