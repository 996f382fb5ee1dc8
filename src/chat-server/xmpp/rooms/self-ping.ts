import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import type { IqClient } from "../connection/iq.js";
import { isRefusal } from "../stanzas/stanza-error.js";

/**
 * Asks a room whether Doorman is still in it (XEP-0410): a server that was restarted, or that lost the
 * room, tells nobody. Presence that the room sent before its answer has arrived when this returns.
 * @param occupantJid Doorman's own, with its nickname
 * @throws SERVER_UNAVAILABLE, SERVER_NO_ANSWER
 */
export async function isStillInside(
  iq: IqClient,
  occupantJid: string,
  signal: AbortSignal,
): Promise<boolean> {
  const payload = xml("ping", { xmlns: "urn:xmpp:ping" });
  const task = `say whether Doorman is still ${occupantJid}`;
  try {
    await iq.request({ type: "get", to: occupantJid, payload, task, signal });
    return true;
  } catch (error) {
    // A server without an answer of its own has asked Doorman, and this is what Doorman said.
    if (isRefusal(error, "service-unavailable", "feature-not-implemented")) return true;
    if (error instanceof DoormanError && error.reason === ErrorReason.SERVER_REFUSED) return false;
    throw error;
  }
}
