import { Command } from "commander";
import { addKeysCommand } from "./commands/keys.js";
import { addServeCommand } from "./commands/serve.js";
import { ConfigurationError } from "./configuration/configuration-file.js";

const program = new Command("doorman")
  .description("The admin service in front of an XMPP server: invites, kicks, rosters and hats.")
  .showHelpAfterError("(doorman --help shows what there is)");
addServeCommand(program);
addKeysCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`Error: ${error.message}`);
  process.exitCode = 1;
}
