/** The exit statuses of all commands. `EXIT_STATUS_HELP` says what they mean. */
export const ExitStatus = {
  FAILURE: 1,
  USAGE: 2,
  NOT_FOUND: 3,
  DENIED: 4,
  UNAVAILABLE: 5,
  SOME_FAILED: 6,
  TO_CONFIGURE: 7,
} as const;

// Prosody's mod_invites_api, whose commands `doorman keys` has, ends with 1 for an unknown key or host.
const EXIT_STATUS_HELP = `
Exit status:
  0  done
  1  another failure; with keys, also an unknown key or host
  2  wrong usage
  3  not found
  4  the key is wrong, or lacks the grant
  5  Doorman or the chat server is unreachable, or too slow
  6  some or all users or rooms failed (roster refresh, kick --all-rooms)
  7  something is left to configure (doctor)`;

/** Returns what stands below the options in the help of a command: examples, and the exit statuses. */
export function endOfHelp(...examples: string[]): string {
  const heading = examples.length === 1 ? "Example" : "Examples";
  const lines = examples.map((example) => `\n  ${example}`).join("");
  return `\n${heading}:${lines}\n${EXIT_STATUS_HELP}`;
}

/** Thrown when a command cannot go on, with the status to exit with. The message says what to do. */
export class CommandFailure extends Error {
  constructor(
    message: string,
    readonly exitStatus: number,
  ) {
    super(message);
  }
}

/**
 * Prints a failure that no call has caused: wrong usage, or a file that cannot be read.
 * @param code the code for scripts, in Connect's spelling
 */
export function printFailure(message: string, asJson: boolean, code = "invalid_argument"): void {
  console.error(asJson ? JSON.stringify({ code, message }) : `Error: ${message}`);
}
