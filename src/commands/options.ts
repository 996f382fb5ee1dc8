import { resolve } from "node:path";
import type { Configuration } from "../configuration/configuration.js";
import { ConfigurationError } from "../configuration/configuration-error.js";
import { readConfiguration } from "../configuration/configuration-file.js";
import { hasDatabase, openDatabase } from "../database/database.js";
import type { CommonOptions } from "./common-options.js";

/**
 * Reads the configuration that a command works with.
 * @throws ConfigurationError
 */
export function configurationOf(options: CommonOptions): Configuration {
  const configuration = readConfiguration(options.config);
  if (options.data !== undefined) configuration.data = options.data;
  return configuration;
}

/**
 * Opens the database of a data folder that is there already, for commands that would find nothing in a
 * new one.
 * @throws ConfigurationError when there is none, or it cannot be used
 */
export async function openExistingData(
  configuration: Configuration,
): ReturnType<typeof openDatabase> {
  if (hasDatabase(configuration.data)) return openData(configuration);
  throw new ConfigurationError(
    `there is no data folder ${resolve(configuration.data)} with a doorman.sqlite in it; name the right one with --config or --data`,
  );
}

/**
 * Opens the database in the configured data folder, making both when they are not there.
 * @throws ConfigurationError when the folder cannot be used
 */
export async function openData({ data }: Configuration): ReturnType<typeof openDatabase> {
  try {
    return await openDatabase(data);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const why = (error as Error).message;
    throw new ConfigurationError(
      `cannot use the data folder ${data}: ${why}; choose another with --data`,
    );
  }
}
