import { resolve } from "node:path";
import type { Configuration } from "../configuration/configuration.js";
import { ConfigurationError } from "../configuration/configuration-error.js";
import { readConfiguration } from "../configuration/configuration-file.js";
import { databaseFile, hasDatabase, openDatabase } from "../database/database.js";
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
 * Opens the database that is there already. A command that is run in the wrong folder would otherwise
 * work on a new one, which no server reads.
 * @throws ConfigurationError when there is none, or it cannot be used
 */
export async function openExistingData(
  configuration: Configuration,
): ReturnType<typeof openDatabase> {
  if (hasDatabase(configuration.data)) return openData(configuration);
  throw new ConfigurationError(
    `there is no database ${resolve(databaseFile(configuration.data))}; run this in the folder of Doorman, or name its files with --data or --config (doorman keys create --init creates a new database)`,
  );
}

/**
 * Opens the database, and says on standard error which file was created when there was none.
 * @throws ConfigurationError when the folder cannot be used
 */
export async function openOrCreateData(
  configuration: Configuration,
): ReturnType<typeof openDatabase> {
  const isNew = !hasDatabase(configuration.data);
  const database = await openData(configuration);
  if (isNew) console.error(`Created the database ${resolve(databaseFile(configuration.data))}`);
  return database;
}

/**
 * Opens the database in the configured data folder, creating both when they are missing.
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
