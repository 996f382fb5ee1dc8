import type { HatAttachment } from "../../gen/doorman/v1/hat_pb.js";
import type { Affiliation, Occupant, UserAffiliation } from "../../gen/doorman/v1/room_pb.js";
import type { Contact } from "../../gen/doorman/v1/roster_pb.js";
import type { Capability, ServerInfo } from "../../gen/doorman/v1/server_pb.js";

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

export interface ChatRooms {
  /** Asks which domains hold the rooms of a host. */
  mucDomains(host: string, signal: AbortSignal): Promise<string[]>;
  /** Lists the rooms of a MUC domain that people can be in, hidden ones too. */
  list(mucDomain: string, signal: AbortSignal): Promise<string[]>;
  /** Tells whether a user is in a room; a user is in no room that there is not. */
  isInside(roomJid: string, userJid: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Kicks an occupant and returns when the occupant has left.
   * @throws ROOM_NOT_FOUND, OCCUPANT_NOT_FOUND, SERVER_REFUSED
   */
  kick(roomJid: string, nickname: string, reason: string, signal: AbortSignal): Promise<void>;
  /**
   * Kicks all sessions that a user has in a room, returns when they have left, and answers their
   * nicknames, without those that left by themselves.
   * @throws ROOM_NOT_FOUND, OCCUPANT_NOT_FOUND, OCCUPANT_JIDS_HIDDEN, SERVER_REFUSED
   */
  kickUser(
    roomJid: string,
    userJid: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<string[]>;
  /**
   * Sets the affiliation of a user, who has left when it is that of an outcast.
   * @param affiliation not unspecified
   * @throws ROOM_NOT_FOUND, USER_PROTECTED for Doorman's own account, SERVER_REFUSED, CHANGE_NOT_APPLIED
   */
  setAffiliation(
    roomJid: string,
    userJid: string,
    affiliation: Affiliation,
    reason: string,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Lists those with an affiliation, in no order.
   * @param affiliation undefined for all; never none
   * @throws ROOM_NOT_FOUND, SERVER_REFUSED
   */
  affiliations(
    roomJid: string,
    affiliation: Affiliation | undefined,
    signal: AbortSignal,
  ): Promise<UserAffiliation[]>;
  /**
   * Lists who is in a room, Doorman left out, in no order.
   * @throws ROOM_NOT_FOUND
   */
  occupants(roomJid: string, signal: AbortSignal): Promise<Occupant[]>;
}

/** Tells which users come online. */
export interface ChatLogins {
  /** Whether the server tells of the users of a host. */
  covers(host: string): boolean;
  /**
   * @param listener is called for each client that comes online, and for those that are online when
   * Doorman connects; with the user's JID. It must return at once, and not throw.
   */
  listen(listener: (userJid: string) => void): void;
}

export interface ChatRosters {
  /**
   * Answers a user's contacts, in no order.
   * @throws USER_NOT_FOUND
   */
  get(userJid: string, signal: AbortSignal): Promise<Contact[]>;
  /**
   * Makes sure that the server could keep a contact as it is, for all contacts of a change before the
   * first of them is put: a server that refuses one midway would leave the roster half changed.
   * @param field where the contact stands in the request: "contacts[2]"
   * @throws INVALID_FIELD
   */
  check(contact: Contact, field: string): void;
  /** Adds a contact or replaces the one with its JID, and pushes it to the user's clients. */
  put(userJid: string, contact: Contact, signal: AbortSignal): Promise<void>;
  /**
   * Removes a contact and pushes that to the user's clients.
   * @throws CONTACT_NOT_FOUND
   */
  remove(userJid: string, contactJid: string, signal: AbortSignal): Promise<void>;
}

/** Every method throws ROOM_NOT_FOUND, and those about a user USER_NOT_AFFILIATED, told apart. */
export interface ChatHats {
  /**
   * Answers all hats of a user in a room by hat id, the inactive ones too. Where the server cannot list
   * hats, what somebody else has done to them since Doorman gave them is not known.
   */
  get(roomJid: string, userJid: string, signal: AbortSignal): Promise<Map<string, HatAttachment>>;
  /** Answers the hats of everybody who has some in a room, by user JID, as `get` does. */
  list(roomJid: string, signal: AbortSignal): Promise<Map<string, Map<string, HatAttachment>>>;
  /**
   * Gives a hat, or replaces the attachment of one that the user has.
   * @throws HAT_LIMIT_REACHED
   */
  put(
    roomJid: string,
    userJid: string,
    hatId: string,
    attachment: HatAttachment,
    signal: AbortSignal,
  ): Promise<void>;
  /** Takes a hat away; succeeds when the user does not have it. */
  remove(roomJid: string, userJid: string, hatId: string, signal: AbortSignal): Promise<void>;
  /**
   * Makes the given hats all that the user has. Of several calls at once the last one counts, as a
   * whole. Where a server takes one hat at a time, an error about one of them has metadata "hat_id",
   * and the changes before it have been made.
   * @throws HAT_LIMIT_REACHED with nothing changed, where the server's bound is known
   */
  replaceAll(
    roomJid: string,
    userJid: string,
    hats: ReadonlyMap<string, HatAttachment>,
    signal: AbortSignal,
  ): Promise<void>;
}

export interface ChatAccounts {
  /** Doorman's own account, bare; undefined where it has none. */
  readonly ownJid: string | undefined;
  exists(userJid: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Opens an account, and returns when it is there. After SERVER_NO_ANSWER it may be there, unless the
   * error is a NotBegun; after any other error it is not.
   * @throws USERNAME_TAKEN
   */
  create(userJid: string, password: string, signal: AbortSignal): Promise<void>;
  /**
   * Changes a password, and returns when the new one is good. Errors mean what those of `create` do.
   * @throws USER_NOT_FOUND
   */
  setPassword(userJid: string, password: string, signal: AbortSignal): Promise<void>;
  /** Whether a password is the account's. No password is that of an account which does not exist. */
  checkPassword(userJid: string, password: string, signal: AbortSignal): Promise<boolean>;
  /** Whether an account administers the server; undefined where the server does not tell. */
  isAdmin(userJid: string, signal: AbortSignal): Promise<boolean | undefined>;
}

export interface ChatInvites {
  /**
   * Lets the chat server issue an invite to open an account on a host, good once. When `signal`
   * aborts after the server was asked, its answer is waited for all the same, 10 seconds at the most:
   * an invite that is issued is to be known.
   */
  createAccountInvite(host: string, signal: AbortSignal): Promise<ServerInvite>;
}

/** An invite that the chat server issued. */
export interface ServerInvite {
  token: string;
  uri: string;
  /** The server's own page for the invite; undefined when it has none. */
  landingPageUrl: string | undefined;
  /** Undefined when the server did not say. */
  expireTime: Date | undefined;
}

export interface ChatCapabilities {
  /**
   * Asks the server what it lets Doorman do on a host, in some seconds, without changing anything. What
   * the server does not tell makes a capability worse, and no error.
   * @param mucDomains undefined: asked of the server
   */
  look(
    host: string,
    mucDomains: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<ServerLook>;
}

/** What a chat server lets Doorman do. */
export interface ServerLook {
  info: ServerInfo;
  /**
   * The operations that depend on the server alone, each once. CREATE_INVITES is about invites that the
   * server issues, REFRESH_AT_LOGIN about being told of logins. None while Doorman is not connected.
   */
  capabilities: Capability[];
}
