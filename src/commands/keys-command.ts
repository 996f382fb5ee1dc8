import type { Command } from "commander";
import { type CommonOptions, withCommonOptions } from "./common-options.js";
import type { CreateOptions } from "./keys.js";

/** Adds `doorman keys`, which works on the data folder whether or not a server runs on it. */
export function addKeysCommand(program: Command): void {
  const keys = program
    .command("keys")
    .description("create, list and delete API keys")
    .addHelpText("after", '\nExample:\n  doorman keys create example.com "My test key"');

  withCommonOptions(keys.command("create"))
    .description("create a key for a host and print it, for the only time")
    .argument("<host>", "the host that the key is good for")
    .argument("[name]", "what the key is for", "")
    .option(
      "--grant <grant>",
      "what the key may do; repeatable (default: all but invites.reset_password)",
      collect,
      [],
    )
    .option("--expires <lifetime>", "when the key stops being good, such as 30d (default: never)")
    .addHelpText(
      "after",
      '\nExample:\n  doorman keys create example.com "My test key" --grant invites.create --expires 30d',
    )
    .action(async (...parameters: [string, string, CreateOptions]) => {
      const { createKey } = await import("./keys.js");
      await createKey(...parameters);
    });

  withCommonOptions(keys.command("list"))
    .description("list a host's keys, a line each: the id, a tab and the name")
    .argument("<host>", "the host")
    .addHelpText("after", "\nExample:\n  doorman keys list example.com")
    .action(async (...parameters: [string, CommonOptions]) => {
      const { listKeys } = await import("./keys.js");
      await listKeys(...parameters);
    });

  withCommonOptions(keys.command("delete"))
    .description("delete a host's key; it stops being good at once")
    .argument("<host>", "the host")
    .argument("<id>", "the key's id, the part before the slash")
    .addHelpText("after", "\nExample:\n  doorman keys delete example.com HTwALnKL")
    .action(async (...parameters: [string, string, CommonOptions]) => {
      const { deleteKey } = await import("./keys.js");
      await deleteKey(...parameters);
    });
}

function collect(grant: string, grants: string[]): string[] {
  return [...grants, grant];
}
