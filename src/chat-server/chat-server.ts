import type { ChatAccounts } from "./chat-accounts.js";
import type { ChatCapabilities } from "./chat-capabilities.js";
import type { ChatHats } from "./chat-hats.js";
import type { ChatInvites } from "./chat-invites.js";
import type { ChatLogins } from "./chat-logins.js";
import type { ChatRooms } from "./chat-rooms.js";
import type { ChatRosters } from "./chat-rosters.js";

/**
 * Is what Doorman asks of a chat server, in the contract's terms. The sandbox and the XMPP
 * connection implement it; everything about a server's dialect stays behind it.
 *
 * All JIDs are bare and normalised (jid.ts). Every call ends: with a result that is true, or with a
 * DoormanError, soon after `signal` aborts at the latest; nothing is begun after that. While the server
 * is away every call fails at once with SERVER_UNAVAILABLE.
 */
export interface ChatServer {
  /** Why calls would fail now, in a sentence; undefined while the server is there. */
  readonly unavailableBecause: string | undefined;
  readonly rooms: ChatRooms;
  readonly rosters: ChatRosters;
  /** Undefined where the server tells Doorman of no logins at all. */
  readonly logins: ChatLogins | undefined;
  readonly hats: ChatHats;
  readonly accounts: ChatAccounts;
  readonly invites: ChatInvites;
  readonly capabilities: ChatCapabilities;
  close(): Promise<void>;
}
