import { contractSuite } from "./contract/contract-suite.js";
import { startProsodyStage } from "./contract/prosody-stage.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";

const server = "Prosody 0.12";
if (prosodyIsThere(`contract: ${server}`)) {
  contractSuite(server, startProsodyStage, {
    "KickOccupant: a full room": "Prosody limits no room; modules that do are not loaded",
  });
}
