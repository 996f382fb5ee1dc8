import { faultSuite } from "../faults/fault-suite.js";
import { adminCommands, startEjabberd } from "../support/ejabberd.js";
import { ejabberdIsThere } from "../support/ejabberd-is-there.js";

if (ejabberdIsThere("faults: ejabberd")) {
  faultSuite("ejabberd", () => startEjabberd({ alter: adminCommands }));
}
