import { CommandFailure, ExitStatus } from "./exit-status.js";
import { readInput } from "./input.js";

const END_OF_TEXT = "\u0003"; // Ctrl+C.
const END_OF_TRANSMISSION = "\u0004"; // Ctrl+D.
const ERASE = ["\b", "\u007f"];

/**
 * Reads a password. On a terminal it asks twice and does not show what is typed. Elsewhere it reads standard
 * input, with or without a line end.
 * @throws CommandFailure when it is empty, or the two are not the same
 */
export async function readPassword(): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  const password = isTerminal ? await askTwice() : (await readInput("-")).replace(/\r?\n$/, "");
  if (password !== "") return password;
  throw new CommandFailure("no password: type one, or send it to standard input", ExitStatus.USAGE);
}

async function askTwice(): Promise<string> {
  const keys = new HiddenKeys();
  try {
    const password = await keys.line("Password: ");
    if (password === (await keys.line("Repeat it: "))) return password;
  } finally {
    keys.close();
  }
  throw new CommandFailure("the two passwords are not the same", ExitStatus.USAGE);
}

/** Reads what is typed on the terminal without showing it. */
class HiddenKeys {
  /** What was typed or pasted and not read yet. */
  readonly #waiting: string[] = [];
  #wake = () => {};

  constructor() {
    process.stdin.setRawMode(true).setEncoding("utf8").on("data", this.#onData).resume();
  }

  /** @param prompt goes to standard error, since standard output may be a script's */
  async line(prompt: string): Promise<string> {
    process.stderr.write(prompt);
    const characters: string[] = [];
    for (;;) {
      const key = await this.#key();
      if (key === "\r" || key === "\n" || key === END_OF_TRANSMISSION) break;
      if (key === END_OF_TEXT) this.#interrupt();
      if (ERASE.includes(key)) characters.pop();
      else characters.push(key);
    }
    process.stderr.write("\n");
    return characters.join("");
  }

  close(): void {
    process.stdin.off("data", this.#onData).setRawMode(false).pause();
  }

  async #key(): Promise<string> {
    while (this.#waiting.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#waiting.shift() ?? "";
  }

  /** In raw mode the terminal leaves this to the program. */
  #interrupt(): never {
    this.close();
    process.stderr.write("\n");
    process.exit(128 + 2); // As shells say that SIGINT ended it.
  }

  readonly #onData = (text: string): void => {
    this.#waiting.push(...text);
    this.#wake();
  };
}
