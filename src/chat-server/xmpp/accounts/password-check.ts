import type { Logger } from "pino";
import { before } from "../../../waiting/before.js";
import { Semaphore } from "../../../waiting/semaphore.js";
import { noAnswer } from "../connection/no-answer.js";
import { Session } from "../connection/session.js";

const TIMEOUT_MS = 10_000;
/** Each is a connection of its own. */
const MAX_AT_ONCE = 4;

/** Finds out whether a password is an account's, by logging in with it and out again. */
export class PasswordCheck {
  readonly #turns = new Semaphore(MAX_AT_ONCE, TIMEOUT_MS);

  /** @param service `xmpp://HOST:PORT` or `xmpps://HOST:PORT` */
  constructor(
    private readonly service: string,
    private readonly log: Logger,
  ) {}

  /** @throws SERVER_NO_ANSWER when the server neither lets the user in nor says why not */
  async run(jid: string, password: string, signal: AbortSignal): Promise<boolean> {
    const task = `check the password of ${jid}`;
    return this.#turns.run(task, signal, async () => {
      // The password was or will be the server's anyway, and SCRAM costs half a second of processor time.
      const mechanisms = ["PLAIN", "SCRAM-SHA-1"];
      const account = { service: this.service, jid, readPassword: () => password, mechanisms };
      const session = new Session(account, this.log);
      const late = () => noAnswer(task, "it did not answer in time");
      try {
        await before(session.open(), signal, TIMEOUT_MS, late);
        return true;
      } catch {
        // RFC 6120 section 6.5.10.
        if (session.refusedBecause === "not-authorized") return false;
        throw noAnswer(task, session.endReason ?? "it did not answer in time");
      } finally {
        await session.close();
      }
    });
  }
}
