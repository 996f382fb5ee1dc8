import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { domainOf } from "../../../jid/parts.js";
import type { IqClient } from "../connection/iq.js";
import { readForm } from "../stanzas/data-form.js";
import { isRefusal } from "../stanzas/stanza-error.js";

/** XEP-0045 section 10.2. */
const NS_MUC_OWNER = "http://jabber.org/protocol/muc#owner";

/**
 * Makes the error for a room in which the server offers Doorman no commands for hats, with what to
 * set. Doorman does not set it: whether a room has hats is for its owner to say.
 */
export async function noHatsIn(
  iq: IqClient,
  roomJid: string,
  signal: AbortSignal,
): Promise<DoormanError> {
  const advice = (await hasOptionForHats(iq, roomJid, signal))
    ? `hats are switched off in it. Run "ejabberdctl change_room_option ${roomJid.replace("@", " ")} enable_hats true", and for rooms to come set "enable_hats: true" in default_room_options of mod_muc`
    : `it has no commands for hats, or none for Doorman's account. In Prosody, add "muc_hats_adhoc" to modules_enabled of Component "${domainOf(roomJid)}"; in ejabberd, list Doorman's account in access_admin of mod_muc`;
  return new DoormanError(
    ErrorReason.SERVER_LACKS_FEATURE,
    `The chat server has no hats in ${roomJid}: ${advice}`,
  );
}

/** Tells whether the room is one of ejabberd's, which has an option to switch hats on. */
async function hasOptionForHats(
  iq: IqClient,
  roomJid: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const payload = xml("query", { xmlns: NS_MUC_OWNER });
    const task = `tell the options of ${roomJid}`;
    const result = await iq.request({ type: "get", to: roomJid, payload, task, signal });
    const query = result.getChild("query", NS_MUC_OWNER);
    const form = query && readForm(query);
    return [...(form?.keys() ?? [])].some((name) => name.endsWith("enable_hats"));
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Tells whether an error says that the server has no command for what was to be done. */
export function lacksFeature(error: unknown): boolean {
  return error instanceof DoormanError && error.reason === ErrorReason.SERVER_LACKS_FEATURE;
}
