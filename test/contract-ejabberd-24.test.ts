import { contractSuite } from "./contract/contract-suite.js";
import { startEjabberdStage } from "./contract/ejabberd-stage.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";

const server = "ejabberd 24.12";
const noInvites = "ejabberd issues no invites before 26; Doorman's own are offered";
if (ejabberdIsThere(`contract: ${server}`, "13")) {
  contractSuite(server, () => startEjabberdStage({ release: "13" }), {
    "CreateInvite: the server's own": noInvites,
    "CreateInvite: what the server": noInvites,
    "RedeemInvite: the server's own": noInvites,
    "Refresh at login": "ejabberd tells components alone who comes online (XEP-0356)",
    "RedeemInvite: of twenty people at once one gets the server's": noInvites,
  });
}
