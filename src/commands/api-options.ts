import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { createDoorman, type Doorman } from "../../client/src/index.js";
import { parseLifetime } from "../configuration/lifetime.js";
import { CommandFailure, ExitStatus, endOfHelp } from "./exit-status.js";

/** The options of every command that calls a running Doorman. */
export interface ApiOptions {
  url: string;
  keyFile?: string;
  /** In milliseconds. */
  timeout?: number;
  json?: true;
  /** The command itself. An error says by it which argument or option is wrong. */
  command: Command;
}

// Set and empty is what a shell script has where nobody has chosen.
if (process.env.DOORMAN_URL === "") delete process.env.DOORMAN_URL;

/** Adds the options of a command that calls a running Doorman, and the end of its help. */
export function withApiOptions(command: Command, ...examples: string[]): Command {
  const options = [
    new Option("--url <url>", "where Doorman listens")
      .env("DOORMAN_URL")
      .default("http://127.0.0.1:5280")
      .argParser(readUrl),
    new Option("--key-file <file>", "the file that holds the key (without one: $DOORMAN_KEY)"),
    new Option("--timeout <time>", "how long to wait, such as 5s or 2m (default: 30s)").argParser(
      readTimeout,
    ),
    new Option("--json", "print JSON for scripts, one object a line; errors too"),
  ];
  for (const option of options) command.addOption(option.helpGroup("Options for calling Doorman:"));
  command.setOptionValueWithSource("command", command, "implied");
  return command.addHelpText("after", endOfHelp(...examples));
}

/** Sets how long the help says that a command waits, where that is not 30 s. */
export function withDefaultTimeout(command: Command, timeout: string): void {
  const option = command.options.find(({ long }) => long === "--timeout");
  if (option)
    option.description = option.description.replace("(default: 30s)", `(default: ${timeout})`);
}

/**
 * Makes the client that the options describe.
 * @throws CommandFailure when there is no key
 */
export function connect({ url, keyFile, timeout }: ApiOptions): Doorman {
  const key = (keyFile === undefined ? process.env.DOORMAN_KEY : readKeyFile(keyFile))?.trim();
  if (!key) {
    const missing = keyFile === undefined ? "no key" : `no key in ${keyFile}`;
    const advice =
      "put one into a file and name it with --key-file, or into DOORMAN_KEY; doorman keys create HOST makes one";
    throw new CommandFailure(`${missing}: ${advice}`, ExitStatus.USAGE);
  }
  try {
    return createDoorman({ baseUrl: url, key, timeoutMs: timeout });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandFailure("invalid key: expected ID/TOKEN on one line", ExitStatus.USAGE);
  }
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const why = (error as Error).message;
    throw new CommandFailure(`cannot read the key file: ${why}`, ExitStatus.USAGE);
  }
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isAddress = url !== undefined && /^https?:$/.test(url.protocol);
  if (!isAddress || url.search !== "" || url.hash !== "") {
    throw new InvalidArgumentError("Expected a URL such as http://127.0.0.1:5280.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidArgumentError("A key in the URL would show in ps: use --key-file.");
  }
  return text;
}

function readTimeout(text: string): number {
  const timeoutMs = parseLifetime(text);
  if (timeoutMs !== undefined && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw new InvalidArgumentError("Expected a time such as 5s or 2m, at most 1d.");
}

const MAX_TIMEOUT_MS = 24 * 60 * 60_000;
