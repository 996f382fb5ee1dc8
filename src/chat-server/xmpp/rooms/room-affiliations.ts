import { xml } from "@xmpp/client";
import type { IqClient } from "../connection/iq.js";
import { attribute, bareOf } from "../stanzas/stanza.js";
import { isRefusal, refused } from "../stanzas/stanza-error.js";

export const NS_MUC_ADMIN = "http://jabber.org/protocol/muc#admin";

/** What an operator does when a room does not obey Doorman's account. */
export const ROOM_ADVICE =
  'Doorman\'s account must own the rooms: in Prosody, list it in "admins" and, from version 13 on, let mod_adhoc offer it the room commands or set "component_admins_as_room_owners = true" on the MUC component; in ejabberd, allow it in "access_admin" of mod_muc';

/**
 * Tells whether a user is a member, an admin or an owner of a room (XEP-0045 section 5.2). Doorman
 * need not be in the room.
 */
export async function isAffiliated(
  iq: IqClient,
  roomJid: string,
  userJid: string,
  signal: AbortSignal,
): Promise<boolean> {
  const lists = await Promise.all(
    ["owner", "admin", "member"].map((affiliation) =>
      listAffiliated(iq, roomJid, affiliation, signal),
    ),
  );
  return lists.some((jids) => jids.has(bareOf(userJid)));
}

/**
 * Lists those with an affiliation (XEP-0045 section 9.5), which only owners and admins are told.
 * @throws SERVER_REFUSED
 */
export async function listAffiliated(
  iq: IqClient,
  roomJid: string,
  affiliation: string,
  signal: AbortSignal,
): Promise<Set<string>> {
  const task = `list the ${affiliation}s of ${roomJid}`;
  const payload = xml("query", { xmlns: NS_MUC_ADMIN }, xml("item", { affiliation }));
  try {
    const result = await iq.request({ type: "get", to: roomJid, payload, task, signal });
    const items = result.getChild("query", NS_MUC_ADMIN)?.getChildren("item") ?? [];
    return new Set(items.map((item) => bareOf(attribute(item, "jid"))));
  } catch (error) {
    if (isRefusal(error, "forbidden")) {
      throw refused(task, error.stanza, ROOM_ADVICE);
    }
    throw error;
  }
}
