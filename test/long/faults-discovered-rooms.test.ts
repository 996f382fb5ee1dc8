import { discoveredRoomsSuite } from "../faults/discovered-rooms.js";
import { MUC_DOMAIN } from "../faults/fault-stage.js";
import { DEBIAN_RELEASES } from "../support/debian-release.js";
import { adminCommands, startEjabberd } from "../support/ejabberd.js";
import { ejabberdIsThere } from "../support/ejabberd-is-there.js";
import { startProsody } from "../support/prosody.js";
import { prosodyIsThere } from "../support/prosody-is-there.js";

for (const release of DEBIAN_RELEASES) {
  const server = `Debian ${release}'s Prosody`;
  if (!prosodyIsThere(`faults: rooms that Doorman finds by itself on ${server}`, release)) continue;
  const modules = ["admin_shell"];
  discoveredRoomsSuite(
    server,
    () => startProsody({ release, modules }),
    () =>
      startProsody({
        release,
        modules,
        alter: (doormanCfg) => doormanCfg.replace(/\n\tdisco_items = [^\n]*/, ""),
      }),
  );
}

for (const release of DEBIAN_RELEASES) {
  const server = `Debian ${release}'s ejabberd`;
  if (!ejabberdIsThere(`faults: rooms that Doorman finds by itself on ${server}`, release))
    continue;
  const listed = `  mod_disco:\n    extra_domains:\n      - ${MUC_DOMAIN}\n`;
  discoveredRoomsSuite(
    server,
    () =>
      startEjabberd({
        release,
        alter: adminCommands,
        alterStock: (ejabberdYml) => ejabberdYml.replace("  mod_disco: {}\n", listed),
      }),
    () => startEjabberd({ release, alter: adminCommands }),
  );
}
