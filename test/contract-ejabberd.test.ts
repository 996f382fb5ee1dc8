import { contractSuite } from "./contract/contract-suite.js";
import { startEjabberdStage } from "./contract/ejabberd-stage.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";

const server = "ejabberd 23.01";
if (ejabberdIsThere(`contract: ${server}`)) {
  contractSuite(server, startEjabberdStage, { issuesInvites: false });
}
