import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { ChatAccounts } from "../chat-server/chat-accounts.js";
import { DoormanError } from "../errors/doorman-error.js";

/**
 * Knows which accounts no invite opens, and whose password none resets or asks for: whoever has such an
 * account has the server.
 */
export class ProtectedUsers {
  /** @param configured bare JIDs; undefined when nobody has said who they are */
  constructor(
    private readonly accounts: ChatAccounts,
    private readonly configured: ReadonlySet<string> | undefined,
  ) {}

  /** @throws USER_PROTECTED, USER_NOT_FOUND, or SERVER_LACKS_FEATURE when nobody tells who is protected */
  async requireResettable(userJid: string, signal: AbortSignal): Promise<void> {
    const isAdmin = await this.#requireNoAdmin(userJid, signal);
    if (isAdmin === undefined && this.configured === undefined) {
      throw new DoormanError(
        ErrorReason.SERVER_LACKS_FEATURE,
        "The chat server does not tell who administers it, and passwords of administrators are not to be reset: list their accounts in invites.protected_users in the configuration, or write [] when there are none beside Doorman's",
      );
    }
    if (await this.accounts.exists(userJid, signal)) return;
    throw new DoormanError(ErrorReason.USER_NOT_FOUND, `There is no account ${userJid}`);
  }

  /**
   * Makes sure that an account is none that is known to be protected, whether or not it exists: a server
   * may list an administrator who has no account yet.
   * @throws USER_PROTECTED
   */
  async requireUnprotected(userJid: string, signal: AbortSignal): Promise<void> {
    await this.#requireNoAdmin(userJid, signal);
  }

  /** @returns undefined where nobody tells */
  async #requireNoAdmin(userJid: string, signal: AbortSignal): Promise<false | undefined> {
    const isKnown = userJid === this.accounts.ownJid || this.configured?.has(userJid);
    const isAdmin = isKnown || (await this.accounts.isAdmin(userJid, signal));
    if (isAdmin) throw isProtected(userJid);
    return isAdmin;
  }
}

function isProtected(userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.USER_PROTECTED,
    `${userJid} is protected: an administrator's account is opened, and its password changed, on the server itself`,
    { metadata: { field: "username" } },
  );
}
