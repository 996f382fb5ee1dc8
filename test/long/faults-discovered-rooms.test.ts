import { discoveredRoomsSuite } from "../faults/discovered-rooms.js";
import { MUC_DOMAIN } from "../faults/fault-stage.js";
import { adminCommands, startEjabberd } from "../support/ejabberd.js";
import { ejabberdIsThere } from "../support/ejabberd-is-there.js";
import { startProsody } from "../support/prosody.js";
import { prosodyIsThere } from "../support/prosody-is-there.js";

if (prosodyIsThere("faults: rooms that Doorman finds by itself on Prosody")) {
  const modules = ["admin_shell"];
  discoveredRoomsSuite(
    "Prosody",
    () => startProsody({ modules }),
    () =>
      startProsody({
        modules,
        alter: (doormanCfg) => doormanCfg.replace(/\n\tdisco_items = [^\n]*/, ""),
      }),
  );
}

if (ejabberdIsThere("faults: rooms that Doorman finds by itself on ejabberd")) {
  const listed = `  mod_disco:\n    extra_domains:\n      - ${MUC_DOMAIN}\n`;
  discoveredRoomsSuite(
    "ejabberd",
    () =>
      startEjabberd({
        alter: adminCommands,
        alterStock: (ejabberdYml) => ejabberdYml.replace("  mod_disco: {}\n", listed),
      }),
    () => startEjabberd({ alter: adminCommands }),
  );
}
