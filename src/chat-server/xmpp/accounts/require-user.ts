import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { domainOf } from "../../../jid/parts.js";
import type { IqClient } from "../connection/iq.js";
import { runCommand } from "../stanzas/ad-hoc-command.js";
import { isRefusal } from "../stanzas/stanza-error.js";

/**
 * Makes sure that an account exists, by the command that tells its statistics (XEP-0133 section
 * 4.9): service discovery does not tell.
 * @throws USER_NOT_FOUND
 */
export async function requireUser(
  iq: IqClient,
  userJid: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await runCommand(iq, {
      to: domainOf(userJid),
      node: "http://jabber.org/protocol/admin#user-stats",
      task: `say whether ${userJid} exists`,
      whenMissing:
        "In Prosody, load mod_admin_adhoc on that host; in ejabberd, mod_adhoc and mod_configure",
      answers: [{ fields: ["accountjid"], value: userJid }],
      signal,
    });
  } catch (error) {
    if (isRefusal(error, "undefined-condition") && NO_USER.test(error.stanza.text)) {
      throw userNotFound(userJid);
    }
    throw error;
  }
}

/** Prosody's "User does not exist". */
const NO_USER = /\bdoes not exist\b/i;

export function userNotFound(userJid: string): DoormanError {
  return new DoormanError(ErrorReason.USER_NOT_FOUND, `There is no account ${userJid}`);
}
