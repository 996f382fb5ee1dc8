import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError, type StanzaRefusal } from "../../../errors/doorman-error.js";
import type { IqClient } from "../connection/iq.js";
import { firstValue, readForm } from "../stanzas/data-form.js";
import type { Element } from "../stanzas/stanza.js";
import { isRefusal, refused } from "../stanzas/stanza-error.js";
import { ROOM_ADVICE } from "./room-affiliations.js";

/** XEP-0045. */
export const NS_MUC = "http://jabber.org/protocol/muc";
/** XEP-0045 section 10. */
export const NS_MUC_OWNER = "http://jabber.org/protocol/muc#owner";

/**
 * Reads a room's password out of its configuration (XEP-0045 section 10.2), which only owners are shown.
 * @returns empty when there is none, or Doorman is not told
 */
export async function readRoomPassword(
  iq: IqClient,
  roomJid: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const payload = xml("query", { xmlns: NS_MUC_OWNER });
    const task = `show the configuration of ${roomJid}`;
    const result = await iq.request({ type: "get", to: roomJid, payload, task, signal });
    const query = result.getChild("query", NS_MUC_OWNER);
    const form = query && readForm(query);
    return form ? firstValue(form, "muc#roomconfig_roomsecret") : "";
  } catch (error) {
    if (isRefusal(error, "forbidden", "not-allowed")) return "";
    throw error;
  }
}

/**
 * Writes the presence that asks to be let in (XEP-0045 section 7.2), without the messages of before.
 * @param password empty: none
 */
export function joinPresence(occupantJid: string, id: string, password: string): Element {
  const wishes = [xml("history", { maxstanzas: "0" })];
  if (password !== "") wishes.push(xml("password", {}, password));
  return xml("presence", { to: occupantJid, id }, xml("x", { xmlns: NS_MUC }, ...wishes));
}

/** Makes the error for a room that does not let Doorman in (XEP-0045 section 7.2). */
export function notLetIn(roomJid: string, stanza: StanzaRefusal): DoormanError {
  // XEP-0045 section 10.1.3: a room that its creator has not set up yet is not there for others.
  if (stanza.condition === "item-not-found") {
    const message = `The room ${roomJid} is not open yet`;
    return new DoormanError(ErrorReason.ROOM_NOT_FOUND, message, { stanza });
  }
  const advice = ADVICE[stanza.condition];
  const refusal = refused(`let Doorman into ${roomJid}`, stanza, advice);
  if (advice === undefined) return refusal;
  return new DoormanError(ErrorReason.ROOM_CLOSED, refusal.message, { stanza });
}

/** Full rooms are refused with either of the last two. */
const FULL =
  "When the room is full, raise the number of its occupants, or let Doorman's account in regardless: in ejabberd, by mod_muc's access_admin";

const ADVICE: Readonly<Record<string, string>> = {
  "not-authorized": `The room has a password, which its owners can read. ${ROOM_ADVICE}`,
  "registration-required": `The room is for its members. ${ROOM_ADVICE}`,
  forbidden: `Doorman's account is banned from the room. ${ROOM_ADVICE}`,
  "service-unavailable": FULL,
  "resource-constraint": FULL,
};
