import { xml } from "@xmpp/client";
import type { IqClient } from "../connection/iq.js";
import { showForm } from "../stanzas/ad-hoc-command.js";
import { firstValue } from "../stanzas/data-form.js";
import { discoverInfo } from "../stanzas/service-discovery.js";
import { attribute, bareOf } from "../stanzas/stanza.js";
import { isRefusal, refused } from "../stanzas/stanza-error.js";
import { NS_MUC_ADMIN, ROOM_ADVICE } from "./room-affiliations.js";
import type { RoomOwnership } from "./room-ownership.js";

/** Finds rooms, and people in them, without entering. */
export interface RoomSearch {
  /** Lists the rooms of a MUC domain that people can be in, hidden ones too. */
  rooms(mucDomain: string, signal: AbortSignal): Promise<string[]>;
  /** Tells whether a user is in a room. A room that there is not is one that the user is not in. */
  isInside(roomJid: string, userJid: string, signal: AbortSignal): Promise<boolean>;
}

/** Searches a Prosody as one of its administrators. */
export class ProsodyRoomSearch implements RoomSearch {
  readonly #iq: IqClient;
  readonly #ownership: RoomOwnership;

  constructor(iq: IqClient, ownership: RoomOwnership) {
    this.#iq = iq;
    this.#ownership = ownership;
  }

  /** disco#items would leave out hidden rooms. The form of the command that destroys rooms offers all. */
  async rooms(mucDomain: string, signal: AbortSignal): Promise<string[]> {
    const form = await showForm(this.#iq, {
      to: mucDomain,
      node: "http://prosody.im/protocol/muc#destroy",
      task: `list the rooms of ${mucDomain}`,
      whenMissing:
        "In Prosody, list Doorman's account in \"admins\" of that domain; where it is an ejabberd's, give the URL of its API as xmpp.ejabberd_api in Doorman's configuration",
      signal,
    });
    return form.get("rooms")?.options.map(bareOf) ?? [];
  }

  async isInside(roomJid: string, userJid: string, signal: AbortSignal): Promise<boolean> {
    const info = await discoverInfo(this.#iq, roomJid, signal);
    // Ownership need not be gained of rooms that nobody is in.
    if (info === undefined || firstValue(info.more, "muc#roominfo_occupants") === "0") return false;
    try {
      return await this.#ownership.during(roomJid, signal, () =>
        this.#hasRole(roomJid, userJid, signal),
      );
    } catch (error) {
      if (isRefusal(error, "item-not-found", "gone")) return false;
      if (!isRefusal(error, "forbidden")) throw error;
      throw refused(`list who is in ${roomJid}`, error.stanza, ROOM_ADVICE);
    }
  }

  /** XEP-0045 section 9.6 and its like: everybody inside has one of these roles. */
  async #hasRole(roomJid: string, userJid: string, signal: AbortSignal): Promise<boolean> {
    for (const role of ["participant", "moderator", "visitor"]) {
      const payload = xml("query", { xmlns: NS_MUC_ADMIN }, xml("item", { role }));
      const task = `list the ${role}s of ${roomJid}`;
      const result = await this.#iq.request({ type: "get", to: roomJid, payload, task, signal });
      const items = result.getChild("query", NS_MUC_ADMIN)?.getChildren("item") ?? [];
      if (items.some((item) => bareOf(attribute(item, "jid")) === userJid)) return true;
    }
    return false;
  }
}
