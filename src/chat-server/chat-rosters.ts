import type { Contact } from "../../gen/doorman/v1/roster_pb.js";

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
  check(userJid: string, contact: Contact, field: string, signal: AbortSignal): Promise<void>;
  /** Adds a contact or replaces the one with its JID, and pushes it to the user's clients. */
  put(userJid: string, contact: Contact, signal: AbortSignal): Promise<void>;
  /**
   * Removes a contact and pushes that to the user's clients.
   * @throws CONTACT_NOT_FOUND
   */
  remove(userJid: string, contactJid: string, signal: AbortSignal): Promise<void>;
}
