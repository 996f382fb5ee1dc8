import { type Command, InvalidArgumentError } from "commander";
import { parseLifetime } from "../configuration/lifetime.js";
import { type CommonOptions, withCommonOptions } from "./common-options.js";
import { endOfHelp } from "./exit-status.js";
import type { CreateOptions, ListOptions } from "./keys.js";

/** Adds `doorman keys`, which works on the data folder whether or not a server runs on it. */
export function addKeysCommand(program: Command): void {
  const keys = program
    .command("keys")
    .description("create, list and delete API keys")
    .addHelpText("after", endOfHelp('doorman keys create example.com "My test key"'));

  const createExamples = [
    'doorman keys create example.com "My test key" --grant invites.create --expires 30d',
    "doorman keys create example.com --config doorman.yaml --init",
  ];
  withCommonOptions(keys.command("create"), ...createExamples)
    .description("create a key for a host and print it, for the only time")
    .argument("<host>", "the host that the key is valid for")
    .argument("[name]", "what the key is for", "")
    .option(
      "--grant <grant>",
      "what the key may do; repeatable (default: all but invites.reset_password)",
      collect,
      [],
    )
    .option(
      "--expires <lifetime>",
      "how long the key is valid, such as 30d (default: without end)",
      readExpires,
    )
    .option("--init", "create the data folder and its database if they are missing")
    .action(async (...parameters: [string, string, CreateOptions]) => {
      const { createKey } = await import("./keys.js");
      await createKey(...parameters);
    });

  const listExamples = [
    "doorman keys list example.com",
    "doorman keys list example.com | cut -f 1,2",
    "doorman keys list example.com --json | jq -r .id",
  ];
  withCommonOptions(keys.command("list"), ...listExamples)
    .description(
      "list a host's keys: id, name, grants, creation and expiry, separated by tabs where the output is not a terminal",
    )
    .argument("<host>", "the host")
    .option("--json", "print JSON for scripts, one object a line; errors too")
    .action(async (...parameters: [string, ListOptions]) => {
      const { listKeys } = await import("./keys.js");
      await listKeys(...parameters);
    });

  withCommonOptions(keys.command("delete"), "doorman keys delete example.com HTwALnKL")
    .description("delete a host's key; it stops working at once")
    .argument("<host>", "the host")
    .argument("<id>", "the key's id, the part before the slash")
    .action(async (...parameters: [string, string, CommonOptions]) => {
      const { deleteKey } = await import("./keys.js");
      await deleteKey(...parameters);
    });
}

/** Returns the lifetime in milliseconds. */
function readExpires(text: string): number {
  const lifetimeMs = parseLifetime(text);
  if (lifetimeMs !== undefined) return lifetimeMs;
  throw new InvalidArgumentError("Expected a lifetime such as 30d, 12h or 90m, at most 3650d.");
}

function collect(grant: string, grants: string[]): string[] {
  return [...grants, grant];
}
