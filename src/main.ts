import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addAffiliationCommand } from "./commands/affiliation.js";
import { addCompletionCommand } from "./commands/completion.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { EXIT_STATUS_HELP, ExitStatus, printFailure } from "./commands/exit-status.js";
import { addHatCommand } from "./commands/hat.js";
import { addInviteCommand } from "./commands/invite.js";
import { addKickCommand } from "./commands/kick.js";
import { addOccupantsCommand } from "./commands/occupants.js";
import { addRosterCommand } from "./commands/roster.js";

const CALLING_COMMANDS = {
  invite: addInviteCommand,
  affiliation: addAffiliationCommand,
  kick: addKickCommand,
  occupants: addOccupantsCommand,
  roster: addRosterCommand,
  hat: addHatCommand,
  doctor: addDoctorCommand,
};

const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };

const program = new Command("doorman")
  .version(version)
  .description("The admin service in front of an XMPP server: invites, kicks, rosters and hats.")
  .showHelpAfterError("(doorman --help shows what there is)")
  .addHelpText("after", `\nExample:\n  doorman invite create --ttl 7d\n${EXIT_STATUS_HELP}`);

// Loading the server takes longer than a call: a command that calls a Doorman does without it.
if (!Object.hasOwn(CALLING_COMMANDS, process.argv[2] ?? "")) {
  const { addServeCommand } = await import("./commands/serve.js");
  const { addKeysCommand } = await import("./commands/keys.js");
  program.commandsGroup("On the server's machine:");
  addServeCommand(program);
  addKeysCommand(program);
}

// What is added from here on inherits these two. Those above end with 1 for wrong usage too, as the module's
// own command does.
program.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : ExitStatus.USAGE));
const asJson = process.argv.includes("--json");
program.configureOutput({
  outputError: (text) => printFailure(text.replace(/^error: |\n$/gi, ""), asJson),
  // The hint after an error, which is no JSON.
  writeErr: (text) => asJson || process.stderr.write(text),
});
program.commandsGroup("Calling a running Doorman:");
for (const add of Object.values(CALLING_COMMANDS)) add(program);
program.commandsGroup("Commands:");
addCompletionCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  const { ConfigurationError } = await import("./configuration/configuration-file.js");
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`Error: ${error.message}`);
  process.exitCode = 1;
}
