import type { XmppUser } from "./xmpp-user.js";

// Prosody 0.12 and ejabberd up to 24.12 have the first, Prosody 13.0 and ejabberd 26 the second (XEP-0317).
const HATS = ["xmpp:prosody.im/protocol/hats:1", "urn:xmpp:hats:0"];

/** Returns the hats that a presence shows, from id to title. */
export function hatsIn(presence: Parameters<XmppUser["send"]>[0]): Map<string, string> {
  const lists = HATS.flatMap((namespace) => presence.getChildren("hats", namespace));
  const hats = lists.flatMap((list) => list.getChildren("hat"));
  return new Map(hats.map((hat) => [hat.getAttr("uri"), hat.getAttr("title") ?? ""]));
}
