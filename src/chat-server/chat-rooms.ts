import type { Affiliation, Occupant, UserAffiliation } from "../../gen/doorman/v1/room_pb.js";
import type { StanzaRefusal } from "../errors/doorman-error.js";

/** Is what a chat server says about where the rooms of a host are. */
export interface MucServices {
  /** The domains that hold them. */
  domains: string[];
  /** The domains of services that do not tell whether they do, now at least, by what each said. */
  silent: ReadonlyMap<string, StanzaRefusal>;
}

export interface ChatRooms {
  /** Asks which services of a host hold rooms. */
  mucServices(host: string, signal: AbortSignal): Promise<MucServices>;
  /** Lists the rooms of a MUC domain that people can be in, hidden ones too. */
  list(mucDomain: string, signal: AbortSignal): Promise<string[]>;
  /** Tells whether a user is in a room; a user is in no room that there is not. */
  isInside(roomJid: string, userJid: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Kicks an occupant, returns when the occupant has left, and answers the nickname as the room spelt it.
   * @throws ROOM_NOT_FOUND, OCCUPANT_NOT_FOUND, SERVER_REFUSED
   */
  kick(roomJid: string, nickname: string, reason: string, signal: AbortSignal): Promise<string>;
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
