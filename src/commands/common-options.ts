import { type Command, Option } from "commander";
import { endOfHelp } from "./exit-status.js";

/** The options of every command that works on the data folder. */
export interface CommonOptions {
  config?: string;
  data?: string;
}

// A shell script sets a variable to nothing where nobody has chosen.
for (const name of ["DOORMAN_CONFIG", "DOORMAN_DATA"]) {
  if (process.env[name] === "") delete process.env[name];
}

/** Adds the options of every command that works on the data folder, and the end of its help. */
export function withCommonOptions(command: Command, ...examples: string[]): Command {
  return command
    .addOption(configOption("the configuration file (without one: the sandbox)"))
    .addOption(
      new Option(
        "--data <dir>",
        "the data folder, in place of the configured one (./data by default)",
      ).env("DOORMAN_DATA"),
    )
    .addHelpText("after", endOfHelp(...examples));
}

/** Returns the option that names the configuration file. The environment can name it too. */
export function configOption(description: string): Option {
  return new Option("--config <file>", description).env("DOORMAN_CONFIG");
}
