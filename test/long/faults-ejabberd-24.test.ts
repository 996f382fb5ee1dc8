import { faultSuite } from "../faults/fault-suite.js";
import { adminCommands, startEjabberd } from "../support/ejabberd.js";
import { ejabberdIsThere } from "../support/ejabberd-is-there.js";

const server = "ejabberd 24.12";
if (ejabberdIsThere(`faults: ${server}`, "13")) {
  faultSuite(server, () => startEjabberd({ release: "13", alter: adminCommands }), "whole");
}
