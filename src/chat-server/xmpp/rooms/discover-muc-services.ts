import pMap from "p-map";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError, type StanzaRefusal } from "../../../errors/doorman-error.js";
import type { MucServices } from "../../chat-rooms.js";
import type { IqClient } from "../connection/iq.js";
import { discoverInfo, discoverServices } from "../stanzas/service-discovery.js";
import { NS_MUC } from "./room-entry.js";

/** How many services are asked at a time. */
const SERVICES_AT_ONCE = 8;

/** What discoverInfo makes nothing of. */
const ITEM_NOT_FOUND = { condition: "item-not-found", type: "cancel", by: "", text: "" };

/** Asks a host for its services, and each of them whether it holds rooms (XEP-0045 section 6.1). */
export async function discoverMucServices(
  iq: IqClient,
  host: string,
  signal: AbortSignal,
): Promise<MucServices> {
  const services = await discoverServices(iq, host, signal);
  const silent = new Map<string, StanzaRefusal>();
  async function holdsRooms(jid: string): Promise<boolean> {
    try {
      const info = await discoverInfo(iq, jid, signal);
      if (info !== undefined) {
        return info.identities.has("conference/text") && info.features.has(NS_MUC);
      }
      silent.set(jid, ITEM_NOT_FOUND);
    } catch (error) {
      const isRefused =
        error instanceof DoormanError && error.reason === ErrorReason.SERVER_REFUSED;
      if (!isRefused || error.stanza === undefined) throw error;
      silent.set(jid, error.stanza);
    }
    return false;
  }
  const found = await pMap(services, holdsRooms, { concurrency: SERVICES_AT_ONCE });
  return { domains: services.filter((_jid, index) => found[index]), silent };
}
