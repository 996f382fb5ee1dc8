import type { Configuration } from "../configuration/configuration.js";
import { ConfigurationError } from "../configuration/configuration-error.js";
import type { KeysTable } from "../database/schema.js";
import { DoormanError } from "../errors/doorman-error.js";
import { quoted } from "../errors/quote.js";
import { hostNames } from "../hosts/host-names.js";
import { parseDomain } from "../jid/jid.js";
import { DEFAULT_GRANTS, EXPLICIT_GRANTS, SANDBOX_GRANTS } from "../keys/grants.js";
import { KeyStore } from "../keys/key-store.js";
import type { CommonOptions } from "./common-options.js";
import { CommandFailure, ExitStatus } from "./exit-status.js";
import { configurationOf, openExistingData, openOrCreateData } from "./options.js";
import { columns } from "./output.js";

export interface CreateOptions extends CommonOptions {
  grant: string[];
  /** In milliseconds; absent: the key never expires. */
  expires?: number;
  /** Whether to create the database when it is missing. */
  init?: true;
}

export interface ListOptions extends CommonOptions {
  json?: true;
}

/** Creates a key for a host and prints it. */
export async function createKey(host: string, name: string, options: CreateOptions): Promise<void> {
  const configuration = configurationOf(options);
  const validHost = readHost(host, configuration);
  const grants = grantsOf(options.grant, configuration.xmpp === undefined);
  const { expires, init } = options;
  const expireTime = expires === undefined ? undefined : new Date(Date.now() + expires);
  const database = await (init ? openOrCreateData : openExistingData)(configuration);
  const key = await new KeyStore(database).create(
    validHost,
    withoutControls(name),
    grants,
    expireTime,
  );
  await database.destroy();
  console.log(key);
}

/** Prints a host's keys: for people as a table, for scripts with tabs between the columns, or as JSON. */
export async function listKeys(host: string, options: ListOptions): Promise<void> {
  const configuration = configurationOf(options);
  const validHost = readHost(host, configuration);
  const database = await openExistingData(configuration);
  const keys = (await new KeyStore(database).list(validHost)).map(toListedKey);
  await database.destroy();
  if (options.json) {
    for (const key of keys) console.log(JSON.stringify(key));
  } else if (process.stdout.isTTY) {
    console.log(columns([["ID", "NAME", "GRANTS", "CREATED", "EXPIRES"], ...keys.map(toRow)]));
  } else {
    // The first two columns are those of mod_invites_api.
    for (const key of keys) console.log(toRow(key).join("\t"));
  }
}

/** A key as `doorman keys list --json` prints it: without its token, of which only a digest is stored. */
interface ListedKey {
  id: string;
  host: string;
  name: string;
  grants: string[];
  createTime: string;
  /** Absent when the key never expires. */
  expireTime?: string;
}

function toListedKey({ id, host, name, grants, create_time, expire_time }: KeysTable): ListedKey {
  return {
    id,
    host,
    name: withoutControls(name),
    grants: grants.split(" "),
    createTime: isoTime(create_time),
    ...(expire_time === null ? {} : { expireTime: isoTime(expire_time) }),
  };
}

function toRow({ id, name, grants, createTime, expireTime = "never" }: ListedKey): string[] {
  return [id, name || "<unknown>", grants.join(","), createTime, expireTime];
}

/** Returns a time in UTC, without fractions of a second. */
function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, "Z");
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
    const message = `there is no grant ${quoted(unknown)}; the grants are ${known.join(", ")}`;
    throw new CommandFailure(message, ExitStatus.USAGE);
  }
  return wanted.length === 0 ? all : [...new Set(wanted)];
}

/**
 * A line end or a tab in a name would break the list that scripts read, and an escape character the
 * terminal that shows it.
 */
function withoutControls(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
}
