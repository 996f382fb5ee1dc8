import type { Stanza } from "./xmpp-request.js";

/** A contact as the user's own client sees it. */
export interface RosterItem {
  jid: string;
  /** Undefined when the user gave the contact none. */
  name: string | undefined;
  subscription: string;
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
    // RFC 6121 section 2.1.2.5.
    subscription: item.getAttr("subscription") ?? "none",
    groups: item.getChildren("group").map((group) => group.text()),
  }));
}
