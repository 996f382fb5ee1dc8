import { contractSuite } from "./contract/contract-suite.js";
import { startProsodyStage } from "./contract/prosody-stage.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";

const server = "Prosody 13.0";
if (prosodyIsThere(`contract: ${server}`, "13")) {
  contractSuite(server, () => startProsodyStage({ release: "13" }), {
    "KickOccupant: a full room": "Prosody limits no room; modules that do are not loaded",
  });
}
