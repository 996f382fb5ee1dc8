import { existsSync } from "node:fs";
import type { Configuration } from "../configuration/configuration.js";
import { hostNames } from "../hosts/host-names.js";
import { DEFAULT_GRANTS, SANDBOX_GRANTS } from "../keys/grants.js";
import type { KeyStore } from "../keys/key-store.js";
import type { CommonOptions } from "./common-options.js";

/** Only a clone has this file. A clone puts no `doorman` into PATH: there npx finds it. */
const IS_CLONE = existsSync(new URL("../../../tsconfig.json", import.meta.url));

/**
 * Returns what `doorman serve` prints below the address that it listens on: where the documentation is,
 * and a call to try. The sandbox creates a first key for it when there is none yet.
 */
export async function firstScreen(
  configuration: Configuration,
  options: CommonOptions,
  keyStore: KeyStore,
  url: string,
): Promise<string> {
  const [host = ""] = hostNames(configuration);
  const isSandbox = configuration.xmpp === undefined;
  const firstKey =
    isSandbox && (await keyStore.isEmpty())
      ? await keyStore.create(host, "first key", [...DEFAULT_GRANTS, ...SANDBOX_GRANTS], undefined)
      : undefined;
  return [
    ...(isSandbox
      ? ["This is the sandbox: a place to try Doorman and to test a client, not a chat server."]
      : []),
    firstKey === undefined
      ? `Create a key: ${createKeyCommand(host, options)}`
      : `Your first key, for ${host}, shown only now: ${firstKey}`,
    `Documentation: ${url}/docs`,
    `Try: curl -i -H 'Authorization: Bearer ${firstKey ?? "KEY"}' ${url}/invites_api`,
  ].join("\n");
}

/** Returns the command that creates a key for the server that was started with these options. */
function createKeyCommand(host: string, { config, data }: CommonOptions): string {
  const given = [
    ...(config === undefined ? [] : ["--config", config]),
    ...(data === undefined ? [] : ["--data", data]),
  ].map((word) => (/^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return [IS_CLONE ? "npx doorman" : "doorman", "keys create", host, ...given].join(" ");
}
