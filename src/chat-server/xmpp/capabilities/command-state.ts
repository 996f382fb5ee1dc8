import { xml } from "@xmpp/client";
import type { IqClient } from "../connection/iq.js";
import { attribute } from "../stanzas/stanza.js";
import { isRefusal } from "../stanzas/stanza-error.js";

const NS_INFO = "http://jabber.org/protocol/disco#info";

/** Whether a command may be used by Doorman, by others only, or is not there. */
export type CommandState = "offered" | "forbidden" | "absent";

/** Asks whether an ad-hoc command is offered, without running it (XEP-0050 section 2.3). */
export async function commandState(
  iq: IqClient,
  to: string,
  node: string,
  signal: AbortSignal,
): Promise<CommandState> {
  try {
    const result = await iq.request({
      type: "get",
      to,
      payload: xml("query", { xmlns: NS_INFO, node }),
      task: `say whether it offers the command ${node}`,
      signal,
    });
    const identities = result.getChild("query", NS_INFO)?.getChildren("identity") ?? [];
    // Prosody's rooms answer about every node, and then with nothing.
    const isCommand = identities.some((id) => attribute(id, "type") === "command-node");
    return isCommand ? "offered" : "absent";
  } catch (error) {
    if (isRefusal(error, "forbidden", "not-allowed")) return "forbidden";
    if (isRefusal(error, "item-not-found", "service-unavailable", "feature-not-implemented")) {
      return "absent";
    }
    throw error;
  }
}
