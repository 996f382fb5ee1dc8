import { faultSuite } from "../faults/fault-suite.js";
import { startProsody } from "../support/prosody.js";
import { prosodyIsThere } from "../support/prosody-is-there.js";

const server = "Prosody 13.0";
if (prosodyIsThere(`faults: ${server}`, "13")) {
  const start = () => startProsody({ release: "13", modules: ["admin_shell"] });
  faultSuite(server, start, "whole");
}
