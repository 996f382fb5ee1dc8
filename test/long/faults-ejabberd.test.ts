import { faultSuite } from "../faults/fault-suite.js";
import { adminCommands, startEjabberd } from "../support/ejabberd.js";
import { ejabberdIsThere } from "../support/ejabberd-is-there.js";

const server = "ejabberd 23.01";
if (ejabberdIsThere(`faults: ${server}`)) {
  faultSuite(server, () => startEjabberd({ alter: adminCommands }), "once");
}
