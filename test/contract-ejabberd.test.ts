import { contractSuite } from "./contract/contract-suite.js";
import { startEjabberdStage } from "./contract/ejabberd-stage.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";

const server = "ejabberd 23.01";
if (ejabberdIsThere(`contract: ${server}`)) {
  contractSuite(server, startEjabberdStage, {
    "CreateInvite: the server's own": "ejabberd 23.01 issues no invites; Doorman's own are offered",
    "CreateInvite: what the server": "ejabberd 23.01 issues no invites; Doorman's own are offered",
  });
}
