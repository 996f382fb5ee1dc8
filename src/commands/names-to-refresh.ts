import { ConnectError } from "@connectrpc/connect";
import { DoormanError, ErrorReason } from "../../client/src/index.js";
import { quoted } from "../errors/quote.js";
import { readInput } from "./input.js";

/** A user's name, and where it was given, for errors: `line 4 of names.txt`. */
export interface GivenName {
  name: string;
  where: string;
}

/**
 * Returns the names of the command line, then those of a file, each once.
 * @param file "-" is standard input
 * @throws CommandFailure when the file cannot be read
 */
export async function namesToRefresh(
  given: readonly string[],
  file: string | undefined,
): Promise<GivenName[]> {
  const names = given.map((name) => ({ name, where: "the command line" }));
  if (file !== undefined) {
    const source = file === "-" ? "standard input" : file;
    for (const [index, line] of (await readInput(file)).split("\n").entries()) {
      const name = line.trim();
      if (name !== "") names.push({ name, where: `line ${index + 1} of ${source}` });
    }
  }
  // The first place of each counts.
  return [...new Map(names.toReversed().map((one) => [one.name, one])).values()].reverse();
}

/** As many as Doorman takes in one call. */
const MAX_NAMES = 50_000;
/** Leaves room in the 1 MiB of a request. */
const MAX_BYTES = 900 * 1024;

/** Splits names into lists that each fit into one call. */
export function inCalls(names: readonly GivenName[]): GivenName[][] {
  const calls: GivenName[][] = [];
  let bytes = 0;
  for (const one of names) {
    // In Protobuf's binary form a text has a tag and its length before it.
    const size = Buffer.byteLength(one.name) + 4;
    const call = calls.at(-1);
    if (call === undefined || call.length === MAX_NAMES || bytes + size > MAX_BYTES) {
      calls.push([one]);
      bytes = size;
    } else {
      call.push(one);
      bytes += size;
    }
  }
  return calls;
}

/** Adds to the error about an invalid name where the name was given. Returns other errors unchanged. */
export function namingThePlace(error: unknown, names: readonly GivenName[]): unknown {
  if (!(error instanceof DoormanError) || error.reason !== ErrorReason.INVALID_FIELD) return error;
  const index = /^usernames\[(\d+)\]$/.exec(error.detail.metadata.field ?? "")?.[1];
  const given = index === undefined ? undefined : names[Number(index)];
  if (given === undefined) return error;
  const what = error.rawMessage.replace(/^usernames\[\d+\]: /, "");
  const placed = new ConnectError(`${given.where}: "${quoted(given.name)}": ${what}`, error.code);
  placed.details = error.details;
  return new DoormanError(placed);
}
