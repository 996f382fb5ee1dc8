import type { Stanza } from "./xmpp-request.js";

/** A contact as the user's own client sees it. */
export interface RosterItem {
  jid: string;
  name: string | undefined;
  subscription: string | undefined;
  groups: string[];
}

/** The status codes of a presence from a room: 110 oneself, 201 a new room, 307 kicked. */
export function statusCodes(presence: Stanza): string[] {
  const statuses =
    presence.getChild("x", "http://jabber.org/protocol/muc#user")?.getChildren("status") ?? [];
  return statuses.map((status) => String(status.getAttr("code")));
}

/** The items of a roster or of a push of its changes; none for any other stanza. */
export function rosterItems(stanza: Stanza): RosterItem[] {
  const items = stanza.getChild("query", "jabber:iq:roster")?.getChildren("item") ?? [];
  return items.map((item) => ({
    jid: item.getAttr("jid"),
    name: item.getAttr("name"),
    subscription: item.getAttr("subscription"),
    groups: item.getChildren("group").map((group) => group.text()),
  }));
}
