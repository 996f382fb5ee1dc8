import { createReadStream } from "node:fs";
import { CommandFailure, ExitStatus } from "./exit-status.js";

/** More than Doorman takes in one request. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads a file to its end, or standard input when its name is "-".
 * @throws CommandFailure when it cannot be read, or is larger than 4 MiB
 */
export async function readInput(file: string): Promise<string> {
  const name = file === "-" ? "standard input" : file;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of file === "-" ? process.stdin : createReadStream(file)) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new Error("is larger than 4 MiB");
      chunks.push(chunk);
    }
  } catch (error) {
    throw new CommandFailure(`cannot read ${name}: ${(error as Error).message}`, ExitStatus.USAGE);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * Reads JSON from a file, or from standard input when its name is "-".
 * @param read makes of it what the command needs, or throws an Error that says what is wrong
 * @throws CommandFailure when it cannot be read
 */
export async function readJson<T>(file: string, read: (json: unknown) => T): Promise<T> {
  const text = await readInput(file);
  try {
    return read(JSON.parse(text));
  } catch (error) {
    const name = file === "-" ? "standard input" : file;
    throw new CommandFailure(`${name}: ${withoutMessageNames(error)}`, ExitStatus.USAGE);
  }
}

/** Protobuf's errors name the message and the field of the contract. A file has only the field. */
function withoutMessageNames(error: unknown): string {
  return (error as Error).message
    .replace(/^cannot decode message [\w.]+ from JSON: /, "")
    .replace(/^cannot decode (?:map |list )?field [\w.]+\.(\w+) from JSON: /, "$1: ");
}
