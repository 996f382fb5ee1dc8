import type { HatAttachment } from "../../gen/doorman/v1/hat_pb.js";

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
