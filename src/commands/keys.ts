import type { Configuration } from "../configuration/configuration.js";
import { ConfigurationError } from "../configuration/configuration-error.js";
import { parseLifetime } from "../configuration/lifetime.js";
import { DoormanError } from "../errors/doorman-error.js";
import { hostNames } from "../hosts/host-names.js";
import { parseDomain } from "../jid/jid.js";
import { DEFAULT_GRANTS, EXPLICIT_GRANTS, SANDBOX_GRANTS } from "../keys/grants.js";
import { KeyStore } from "../keys/key-store.js";
import type { CommonOptions } from "./common-options.js";
import { configurationOf, openData, openExistingData } from "./options.js";

export interface CreateOptions extends CommonOptions {
  grant: string[];
  expires?: string;
}

/** Creates a key for a host and prints it. */
export async function createKey(host: string, name: string, options: CreateOptions): Promise<void> {
  const configuration = configurationOf(options);
  const validHost = readHost(host, configuration);
  const grants = grantsOf(options.grant, configuration.xmpp === undefined);
  const expireTime = expireTimeOf(options.expires);
  const database = await openData(configuration);
  const key = await new KeyStore(database).create(
    validHost,
    withoutControls(name),
    grants,
    expireTime,
  );
  await database.destroy();
  console.log(key);
}

/** Prints a host's keys. */
export async function listKeys(host: string, options: CommonOptions): Promise<void> {
  const configuration = configurationOf(options);
  const validHost = readHost(host, configuration);
  const database = await openExistingData(configuration);
  for (const { id, name } of await new KeyStore(database).list(validHost)) {
    console.log(`${id}\t${withoutControls(name) || "<unknown>"}`);
  }
  await database.destroy();
}

/**
 * Deletes a key of a host.
 * @throws ConfigurationError when the host has no such key
 */
export async function deleteKey(host: string, id: string, options: CommonOptions): Promise<void> {
  const configuration = configurationOf(options);
  const validHost = readHost(host, configuration);
  const database = await openExistingData(configuration);
  const deleted = await new KeyStore(database).delete(validHost, id);
  await database.destroy();
  if (!deleted) throw new ConfigurationError("key not found");
}

function readHost(host: string, configuration: Configuration): string {
  const validHost = normalise(host);
  if (validHost !== undefined && hostNames(configuration).includes(validHost)) return validHost;
  throw new ConfigurationError("please supply a valid host");
}

function normalise(host: string): string | undefined {
  try {
    return parseDomain(host, "host");
  } catch (error) {
    if (error instanceof DoormanError) return undefined;
    throw error;
  }
}

function grantsOf(wanted: string[], isSandbox: boolean): string[] {
  const all = isSandbox ? [...DEFAULT_GRANTS, ...SANDBOX_GRANTS] : DEFAULT_GRANTS;
  const known = [...all, ...EXPLICIT_GRANTS].sort();
  const unknown = wanted.find((grant) => !known.includes(grant));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `there is no grant ${unknown}; the grants are ${known.join(", ")}`,
    );
  }
  return wanted.length === 0 ? all : [...new Set(wanted)];
}

function expireTimeOf(expires: string | undefined): Date | undefined {
  if (expires === undefined) return undefined;
  const lifetimeMs = parseLifetime(expires);
  if (lifetimeMs !== undefined) return new Date(Date.now() + lifetimeMs);
  throw new ConfigurationError(
    `--expires ${expires}: expected a lifetime such as 30d, 12h or 90m, at most 3650d`,
  );
}

/**
 * A line end or a tab in a name would break the list that scripts read, and an escape character the
 * terminal that shows it.
 */
function withoutControls(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
}
