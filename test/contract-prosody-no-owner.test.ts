import { contractSuite } from "./contract/contract-suite.js";
import { startProsodyStage } from "./contract/prosody-stage.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";

// Prosody 13's default, which 0.12 knows as a setting.
const server = "Prosody 0.12 whose administrators own no room";
if (prosodyIsThere(`contract: ${server}`)) {
  contractSuite(server, () => startProsodyStage({ adminsOwnRooms: false }), {
    "KickOccupant: a full room": "Prosody limits no room; modules that do are not loaded",
  });
}
