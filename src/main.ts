import { readFileSync } from "node:fs";
import { Command } from "commander";
import { CommandFailure, ExitStatus, endOfHelp, printFailure } from "./commands/exit-status.js";
import { quoted } from "./errors/quote.js";

type AddCommand = (program: Command) => void;

/** The commands by name, with what loads each. Only a command that is named, or all for the help, is loaded. */
const ON_SERVER = {
  serve: async () => (await import("./commands/serve-command.js")).addServeCommand,
  keys: async () => (await import("./commands/keys-command.js")).addKeysCommand,
};
const CALLING = {
  invite: async () => (await import("./commands/invite.js")).addInviteCommand,
  affiliation: async () => (await import("./commands/affiliation.js")).addAffiliationCommand,
  kick: async () => (await import("./commands/kick.js")).addKickCommand,
  occupants: async () => (await import("./commands/occupants.js")).addOccupantsCommand,
  roster: async () => (await import("./commands/roster.js")).addRosterCommand,
  hat: async () => (await import("./commands/hat.js")).addHatCommand,
  doctor: async () => (await import("./commands/doctor.js")).addDoctorCommand,
};
const OTHER = {
  completion: async () => (await import("./commands/completion.js")).addCompletionCommand,
};
const NAMED_ALONE = new Set(["--version", "-V", ...Object.keys({ ...ON_SERVER, ...CALLING })]);

const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };

const program = new Command("doorman")
  .version(version)
  .description("The admin service in front of an XMPP server: invites, kicks, rosters and hats.")
  .addHelpText("after", endOfHelp("doorman invite create --ttl 7d"));

// The commands that are added below inherit these two.
program.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : ExitStatus.USAGE));
const asJson = process.argv.includes("--json");
program.configureOutput({
  outputError: (text) => {
    // The help writes arguments like that.
    const message = text
      .replace(/^error: |\n$/gi, "")
      .replace(/argument '([\w-]+)'/, "argument <$1>");
    printFailure(withShortQuotes(message), asJson);
  },
  // The hint after an error, which is no JSON.
  writeErr: (text) => asJson || process.stderr.write(text),
});
await addCommands("On the server's machine:", ON_SERVER);
await addCommands("Calling a running Doorman:", CALLING);
await addCommands("Commands:", OTHER);
nameHelpAfterErrors(program, "doorman");

try {
  await program.parseAsync();
} catch (error) {
  const { ConfigurationError } = await import("./configuration/configuration-error.js");
  const { DoormanError } = await import("./errors/doorman-error.js");
  if (error instanceof CommandFailure) {
    printFailure(error.message, asJson);
    process.exitCode = error.exitStatus;
  } else if (error instanceof ConfigurationError || error instanceof DoormanError) {
    printFailure(error.message, asJson, "failed_precondition");
    process.exitCode = ExitStatus.FAILURE;
  } else {
    throw error;
  }
}

/** Adds the commands of a group: the named one alone, or all where the first word names none of them. */
async function addCommands(
  heading: string,
  commands: Record<string, () => Promise<AddCommand>>,
): Promise<void> {
  const named = process.argv[2] ?? "";
  program.commandsGroup(heading);
  for (const [name, load] of Object.entries(commands)) {
    if (named === name || !NAMED_ALONE.has(named)) (await load())(program);
  }
}

/** Returns an error of the library's with what it quotes of the command line cut short. */
function withShortQuotes(text: string): string {
  return text.replace(/'(.*)'/s, (_whole, inner: string) => `'${quoted(inner)}'`);
}

/** Lets the error about a command's wrong usage name the help of that command. */
function nameHelpAfterErrors(command: Command, name: string): void {
  command.showHelpAfterError(`(for help: ${name} --help)`);
  for (const below of command.commands) nameHelpAfterErrors(below, `${name} ${below.name()}`);
}
