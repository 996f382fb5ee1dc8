import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { domainOf } from "../../../jid/parts.js";
import type { ChatAccounts } from "../../chat-accounts.js";
import type { IqClient } from "../connection/iq.js";
import { noAnswer } from "../connection/no-answer.js";
import { type Answer, runCommand } from "../stanzas/ad-hoc-command.js";
import { discoverInfo } from "../stanzas/service-discovery.js";
import { isRefusal } from "../stanzas/stanza-error.js";
import { PasswordCheck } from "./password-check.js";
import { requireUser, userNotFound } from "./require-user.js";

const ADMIN = "http://jabber.org/protocol/admin";

/** Accounts by the commands of XEP-0133, which their own host takes. */
export class XmppAccounts implements ChatAccounts {
  readonly #iq: IqClient;
  readonly #passwordCheck: PasswordCheck;
  /** The hosts that are known to tell an account that exists from one that does not; may be lost. */
  readonly #tellingHosts = new Set<string>();

  /** @param options.service where users log in */
  constructor(
    iq: IqClient,
    readonly ownJid: string,
    options: { service: string; log: Logger },
  ) {
    this.#iq = iq;
    this.#passwordCheck = new PasswordCheck(options.service, options.log);
  }

  async exists(userJid: string, signal: AbortSignal): Promise<boolean> {
    if (!(await this.#isKnown(userJid, signal))) return false;
    const host = domainOf(userJid);
    if (!this.#tellingHosts.has(host)) {
      // ejabberd has statistics of everybody, existing or not. No account has this name.
      if (await this.#isKnown(`${randomUUID()}@${host}`, signal)) throw doesNotTell(host);
      this.#tellingHosts.add(host);
    }
    return true;
  }

  async create(userJid: string, password: string, signal: AbortSignal): Promise<void> {
    const task = `create the account ${userJid}`;
    try {
      await this.#administer("add-user", task, signal, [
        { fields: ["accountjid"], value: userJid },
        { fields: ["password"], value: password },
        { fields: ["password-verify"], value: password },
      ]);
    } catch (error) {
      if (!isTaken(error)) throw error;
      throw new DoormanError(
        ErrorReason.USERNAME_TAKEN,
        `There is an account ${userJid} already: choose another name`,
        { metadata: { field: "username" }, stanza: error.stanza },
      );
    }
    await readBack(task, () => this.exists(userJid, signal));
  }

  async setPassword(userJid: string, password: string, signal: AbortSignal): Promise<void> {
    // ejabberd answers a user who does not exist as it answers a command that does not.
    if (!(await this.exists(userJid, signal))) throw userNotFound(userJid);
    const task = `change the password of ${userJid}`;
    await this.#administer("change-user-password", task, signal, [
      { fields: ["accountjid"], value: userJid },
      { fields: ["password"], value: password },
    ]);
    await readBack(task, () => this.checkPassword(userJid, password, signal));
  }

  checkPassword(userJid: string, password: string, signal: AbortSignal): Promise<boolean> {
    return this.#passwordCheck.run(userJid, password, signal);
  }

  async isAdmin(userJid: string, signal: AbortSignal): Promise<boolean | undefined> {
    if (userJid === this.ownJid) return true;
    try {
      // XEP-0030 registers the identities account/admin and account/registered. Prosody answers them
      // to strangers only with disco_expose_admins, and then for administrators alone. Whether that is
      // set nobody tells: of Doorman's own account it answers them always.
      const info = await discoverInfo(this.#iq, userJid, signal);
      return info?.identities.has("account/admin") || undefined;
    } catch (error) {
      if (error instanceof DoormanError && error.stanza !== undefined) return undefined;
      throw error;
    }
  }

  async #isKnown(userJid: string, signal: AbortSignal): Promise<boolean> {
    try {
      await requireUser(this.#iq, userJid, signal);
      return true;
    } catch (error) {
      if (error instanceof DoormanError && error.reason === ErrorReason.USER_NOT_FOUND)
        return false;
      throw error;
    }
  }

  async #administer(
    command: string,
    task: string,
    signal: AbortSignal,
    answers: readonly [Answer, ...Answer[]],
  ): Promise<void> {
    const to = domainOf(answers[0].value);
    const whenMissing = "In Prosody, load mod_admin_adhoc on that host; in ejabberd, mod_configure";
    await runCommand(this.#iq, {
      to,
      node: `${ADMIN}#${command}`,
      task,
      whenMissing,
      answers,
      signal,
    });
  }
}

/**
 * Looks whether a change is there that the server has said yes to.
 * @throws CHANGE_NOT_APPLIED, or SERVER_NO_ANSWER where it cannot be seen: the change may be there
 */
async function readBack(task: string, isThere: () => Promise<boolean>): Promise<void> {
  const found = await isThere().catch(() => {
    throw noAnswer(task, "it did not say afterwards whether that was done");
  });
  if (found) return;
  throw new DoormanError(
    ErrorReason.CHANGE_NOT_APPLIED,
    `The chat server said that it did ${task}, and that is not so`,
  );
}

/** ejabberd answers a conflict, Prosody a note with the words "Account already exists". */
function isTaken(error: unknown): error is DoormanError & { stanza: { text: string } } {
  if (isRefusal(error, "conflict")) return true;
  return isRefusal(error, "undefined-condition") && /\balready exists\b/i.test(error.stanza.text);
}

function doesNotTell(host: string): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_LACKS_FEATURE,
    `The chat server does not tell which accounts of ${host} exist: where it is an ejabberd, set xmpp.ejabberd_api in the configuration`,
  );
}
