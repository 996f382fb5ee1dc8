import { contractSuite } from "./contract/contract-suite.js";
import { startSandboxStage } from "./contract/sandbox-stage.js";

contractSuite("sandbox", startSandboxStage, {
  "KickOccupant: a full room": "the sandbox's rooms are never full",
  "Refresh at login": "nobody logs in to the sandbox",
});
