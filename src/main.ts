import { Command } from "commander";
import { addCompletionCommand } from "./commands/completion.js";
import { EXIT_STATUS_HELP, ExitStatus } from "./commands/exit-status.js";
import { addHatCommand } from "./commands/hat.js";
import { addInviteCommand } from "./commands/invite.js";
import { addKeysCommand } from "./commands/keys.js";
import { addKickCommand } from "./commands/kick.js";
import { addOccupantsCommand } from "./commands/occupants.js";
import { addRosterCommand } from "./commands/roster.js";
import { addServeCommand } from "./commands/serve.js";
import { ConfigurationError } from "./configuration/configuration-file.js";

const program = new Command("doorman")
  .description("The admin service in front of an XMPP server: invites, kicks, rosters and hats.")
  .showHelpAfterError("(doorman --help shows what there is)")
  .addHelpText("after", `\nExample:\n  doorman invite create --ttl 7d\n${EXIT_STATUS_HELP}`);

program.commandsGroup("On the server's machine:");
addServeCommand(program);
addKeysCommand(program);

// What is added from here on inherits it. Those above end with 1 for wrong usage too, as the module's
// own command does.
program.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : ExitStatus.USAGE));
program.commandsGroup("Calling a running Doorman:");
addInviteCommand(program);
addKickCommand(program);
addOccupantsCommand(program);
addRosterCommand(program);
addHatCommand(program);
program.commandsGroup("Commands:");
addCompletionCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`Error: ${error.message}`);
  process.exitCode = 1;
}
