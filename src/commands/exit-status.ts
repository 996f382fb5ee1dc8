/** Are the exit statuses of the commands that call a running Doorman. */
export const ExitStatus = {
  FAILURE: 1,
  USAGE: 2,
  NOT_FOUND: 3,
  DENIED: 4,
  UNAVAILABLE: 5,
  PARTLY: 6,
  TO_CONFIGURE: 7,
} as const;

/** Is the part of `--help` that says what the exit statuses mean. */
export const EXIT_STATUS_HELP = `
Exit status:
  0 done             3 not found                        6 some failed (roster refresh, kick --all-rooms)
  1 other failure    4 key wrong, or without the grant  7 something is to be configured (doctor)
  2 wrong usage      5 Doorman or the chat server is not there, or too slow`;

/** Is a command that cannot go on, with the status to exit with. The message says what to do. */
export class CommandFailure extends Error {
  constructor(
    message: string,
    readonly exitStatus: number,
  ) {
    super(message);
  }
}

/** Prints a failure that no call has caused: wrong usage, or a file that cannot be read. */
export function printFailure(message: string, asJson: boolean): void {
  console.error(
    asJson ? JSON.stringify({ code: "invalid_argument", message }) : `Error: ${message}`,
  );
}
