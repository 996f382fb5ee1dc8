import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";

/** Whose hats in which room a call is about. JIDs are bare and normalised. */
export interface Wearer {
  roomJid: string;
  userJid: string;
}

/** The hats that a server shows somebody with: titles by hat id, "" where a hat has none. */
export type ShownHats = ReadonlyMap<string, string>;

/** What everybody in a room is shown with, by the user's bare JID. */
export type RoomHats = ReadonlyMap<string, ShownHats>;

/**
 * Is how one kind of server gives, takes and lists hats. No server keeps a hat that is not shown.
 * Every method throws ROOM_NOT_FOUND, USER_NOT_AFFILIATED, SERVER_REFUSED, SERVER_LACKS_FEATURE.
 */
export interface HatDialect {
  /** How many hats a user may be shown with in one room; undefined where no bound is known. */
  readonly maxHats: number | undefined;
  /**
   * Gives a hat, or another title to one that the user has.
   * @throws HAT_LIMIT_REACHED
   */
  add(wearer: Wearer, hatId: string, title: string, signal: AbortSignal): Promise<void>;
  /** Takes a hat away, whether or not the user has it. */
  remove(wearer: Wearer, hatId: string, signal: AbortSignal): Promise<void>;
  /** Lists everybody's hats; undefined where the server cannot. */
  list(roomJid: string, signal: AbortSignal): Promise<RoomHats | undefined>;
}

export function notAffiliated(roomJid: string, userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.USER_NOT_AFFILIATED,
    `${userJid} is not a member, an admin or an owner of ${roomJid}: make the user a member first`,
  );
}
