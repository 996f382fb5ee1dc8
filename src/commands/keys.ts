import type { Command } from "commander";
import { ConfigurationError } from "../configuration/configuration-file.js";
import { parseLifetime } from "../configuration/lifetime.js";
import { DoormanError } from "../errors/doorman-error.js";
import { hostNames } from "../hosts/host-names.js";
import { parseDomain } from "../jid/jid.js";
import { DEFAULT_GRANTS, SANDBOX_GRANTS } from "../keys/grants.js";
import { KeyStore } from "../keys/key-store.js";
import { type CommonOptions, configurationOf, openData, withCommonOptions } from "./options.js";

/** Adds `doorman keys`, which works on the data folder whether or not a server runs on it. */
export function addKeysCommand(program: Command): void {
  const keys = program.command("keys").description("create, list and delete API keys");

  withCommonOptions(keys.command("create"))
    .description("create a key for a host and print it, for the only time")
    .argument("<host>", "the host that the key is good for")
    .argument("[name]", "what the key is for", "")
    .option("--grant <grant>", "what the key may do; repeatable (default: everything)", collect, [])
    .option("--expires <lifetime>", "when the key stops being good, such as 30d (default: never)")
    .addHelpText(
      "after",
      '\nExample:\n  doorman keys create example.com "My test key" --grant invites.create --expires 30d',
    )
    .action(async (host: string, name: string, options: CreateOptions) => {
      const { keyStore, validHost, isSandbox, close } = await open(host, options);
      const grants = grantsOf(options.grant, isSandbox);
      const expireTime = expireTimeOf(options.expires);
      console.log(await keyStore.create(validHost, oneLine(name), grants, expireTime));
      await close();
    });

  withCommonOptions(keys.command("list"))
    .description("list a host's keys, a line each: the id, a tab and the name")
    .argument("<host>", "the host")
    .addHelpText("after", "\nExample:\n  doorman keys list example.com")
    .action(async (host: string, options: CommonOptions) => {
      const { keyStore, validHost, close } = await open(host, options);
      for (const { id, name } of await keyStore.list(validHost)) {
        console.log(`${id}\t${name || "<unknown>"}`);
      }
      await close();
    });

  withCommonOptions(keys.command("delete"))
    .description("delete a host's key; it stops being good at once")
    .argument("<host>", "the host")
    .argument("<id>", "the key's id, the part before the slash")
    .addHelpText("after", "\nExample:\n  doorman keys delete example.com HTwALnKL")
    .action(async (host: string, id: string, options: CommonOptions) => {
      const { keyStore, validHost, close } = await open(host, options);
      const deleted = await keyStore.delete(validHost, id);
      await close();
      if (!deleted) throw new ConfigurationError("key not found");
    });
}

interface CreateOptions extends CommonOptions {
  grant: string[];
  expires?: string;
}

async function open(host: string, options: CommonOptions) {
  const configuration = configurationOf(options);
  const validHost = readHost(host);
  if (validHost === undefined || !hostNames(configuration).includes(validHost)) {
    throw new ConfigurationError("please supply a valid host");
  }
  const database = await openData(configuration);
  return {
    keyStore: new KeyStore(database),
    validHost,
    isSandbox: configuration.xmpp === undefined,
    close: () => database.destroy(),
  };
}

function readHost(host: string): string | undefined {
  try {
    return parseDomain(host, "host");
  } catch (error) {
    if (error instanceof DoormanError) return undefined;
    throw error;
  }
}

function collect(grant: string, grants: string[]): string[] {
  return [...grants, grant];
}

function grantsOf(wanted: string[], isSandbox: boolean): string[] {
  const all = isSandbox ? [...DEFAULT_GRANTS, ...SANDBOX_GRANTS] : DEFAULT_GRANTS;
  const unknown = wanted.find((grant) => !all.includes(grant));
  if (unknown !== undefined) {
    throw new ConfigurationError(`there is no grant ${unknown}; the grants are ${all.join(", ")}`);
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

/** A name with a line end or a tab would break the list that scripts read. */
function oneLine(name: string): string {
  return name.replace(/[\t\r\n]+/g, " ").trim();
}
