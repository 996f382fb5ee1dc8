import type { Command } from "commander";
import type { Configuration } from "../configuration/configuration.js";
import { readConfiguration } from "../configuration/configuration-file.js";

/** Are the options that every command takes. */
export interface CommonOptions {
  config?: string;
  data?: string;
}

/** Adds the options that every command takes. */
export function withCommonOptions(command: Command): Command {
  return command
    .option("--config <file>", "the configuration file (without one: the sandbox)")
    .option("--data <dir>", "the data folder, in place of the configured one (./data by default)");
}

/**
 * Reads the configuration that a command works with.
 * @throws ConfigurationError
 */
export function configurationOf(options: CommonOptions): Configuration {
  const configuration = readConfiguration(options.config);
  if (options.data !== undefined) configuration.data = options.data;
  return configuration;
}
