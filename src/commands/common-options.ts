import type { Command } from "commander";

/** The options of every command that works on the data folder. */
export interface CommonOptions {
  config?: string;
  data?: string;
}

/** Adds the options of every command that works on the data folder. */
export function withCommonOptions(command: Command): Command {
  return command
    .option("--config <file>", "the configuration file (without one: the sandbox)")
    .option("--data <dir>", "the data folder, in place of the configured one (./data by default)");
}
