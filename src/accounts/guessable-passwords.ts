import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { ChatAccounts } from "../chat-server/chat-accounts.js";
import { DoormanError } from "../errors/doorman-error.js";
import { AttemptLimit } from "../limits/attempt-limit.js";

/** How many wrong passwords are looked at for an account in ten minutes, from wherever they come. */
export const WRONG_PASSWORDS = 10;
const PERIOD_SECONDS = 600;

/** Checks the passwords that strangers say are theirs, so that nobody gets far by guessing. */
export class GuessablePasswords {
  readonly #wrong = new AttemptLimit(WRONG_PASSWORDS, PERIOD_SECONDS);

  constructor(private readonly accounts: ChatAccounts) {}

  /** @throws TOO_MANY_CALLS after too many wrong ones, the right one too; and what checkPassword throws */
  async check(userJid: string, password: string, signal: AbortSignal): Promise<boolean> {
    // Before it is known whether it is wrong: many may come at once.
    const wait = this.#wrong.count(userJid);
    if (wait > 0) throw tooManyGuesses(userJid, wait);
    let isWrong = false;
    try {
      isWrong = !(await this.accounts.checkPassword(userJid, password, signal));
    } finally {
      if (!isWrong) this.#wrong.forgive(userJid);
    }
    return !isWrong;
  }
}

function tooManyGuesses(userJid: string, seconds: number): DoormanError {
  return new DoormanError(
    ErrorReason.TOO_MANY_CALLS,
    `Too many wrong passwords were sent for ${userJid}: try again in ${seconds} s`,
    { metadata: { field: "password" } },
  );
}
