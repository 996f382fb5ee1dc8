import { xml } from "@xmpp/client";
import { domainOf } from "../../../jid/parts.js";
import type { IqClient } from "../connection/iq.js";
import { runCommand } from "../stanzas/ad-hoc-command.js";
import { isRefusal, refused } from "../stanzas/stanza-error.js";
import { listAffiliated, ROOM_ADVICE } from "./room-affiliations.js";
import { NS_MUC_OWNER } from "./room-entry.js";

/** XEP-0077, by which a room takes registrations (XEP-0045 section 7.10). */
const NS_REGISTER = "jabber:iq:register";

/**
 * Makes sure that the server takes Doorman's account for an owner of a room: only owners are shown the
 * room's configuration (XEP-0045 section 10.2). Lists do not tell, since a room whose members see
 * everybody shows them to its members (Prosody), and the lists of a room need not name who owns all rooms.
 * @throws SERVER_REFUSED, with forbidden when it is none
 */
export async function requireOwner(
  iq: IqClient,
  roomJid: string,
  signal: AbortSignal,
): Promise<void> {
  const payload = xml("query", { xmlns: NS_MUC_OWNER });
  const task = `treat Doorman as an owner of ${roomJid}`;
  try {
    await iq.request({ type: "get", to: roomJid, payload, task, signal });
  } catch (error) {
    if (!isRefusal(error, "forbidden")) throw error;
    throw refused(task, error.stanza, ROOM_ADVICE);
  }
}

/**
 * Finds out the affiliation of Doorman's account with a room, which it need not be in: "owner",
 * "admin", "member", "none" or "outcast". A list by affiliation is for those who are above it. Who is
 * none of those above learns from the room's registration whether it is on the list of members; where
 * everybody may register (Prosody's allow_unaffiliated_register) it cannot be told, and "member" is
 * answered for "none".
 * @param ownJid the bare JID of Doorman's account
 * @throws SERVER_REFUSED, with item-not-found when there is no room
 */
export async function ownAffiliation(
  iq: IqClient,
  roomJid: string,
  ownJid: string,
  signal: AbortSignal,
): Promise<string> {
  if (await isAllowed(requireOwner(iq, roomJid, signal))) return "owner";
  const admins = listAffiliated(iq, roomJid, "admin", signal);
  if ((await isAllowed(admins)) && (await admins).has(ownJid)) return "admin";
  try {
    await iq.request({
      type: "get",
      to: roomJid,
      payload: xml("query", { xmlns: NS_REGISTER }),
      task: `say whether Doorman is a member of ${roomJid}`,
      signal,
    });
    return "member";
  } catch (error) {
    if (isRefusal(error, "registration-required")) return "none";
    if (isRefusal(error, "forbidden")) return "outcast";
    throw error;
  }
}

async function isAllowed(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (!isRefusal(error, "forbidden")) throw error;
    return false;
  }
}

/**
 * Sets an affiliation by Prosody's ad-hoc command for its administrators, who need no affiliation
 * themselves.
 * @throws SERVER_REFUSED, SERVER_LACKS_FEATURE
 */
export async function commandAffiliation(
  iq: IqClient,
  roomJid: string,
  userJid: string,
  affiliation: string,
  signal: AbortSignal,
): Promise<void> {
  await runCommand(iq, {
    to: domainOf(roomJid),
    node: "http://prosody.im/protocol/muc#set-affiliation",
    task: `make ${userJid} ${affiliation} of ${roomJid}`,
    whenMissing: ROOM_ADVICE,
    answers: [
      { fields: ["room"], value: roomJid },
      { fields: ["jid"], value: userJid },
      { fields: ["affiliation"], value: affiliation },
    ],
    signal,
  });
}
