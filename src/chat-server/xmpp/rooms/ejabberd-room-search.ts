import { z } from "zod";
import { domainOf, localpartOf } from "../../../jid/parts.js";
import type { EjabberdApi } from "../ejabberd-api.js";
import { bareOf } from "../stanzas/stanza.js";
import { isRefusal } from "../stanzas/stanza-error.js";
import type { RoomSearch } from "./room-search.js";

const ROOMS = z.array(z.string());
const OCCUPANTS = z.array(z.object({ jid: z.string() }));

/** Searches an ejabberd by its API, since it tells occupants' JIDs only to those who are inside. */
export class EjabberdRoomSearch implements RoomSearch {
  readonly #api: EjabberdApi;

  constructor(api: EjabberdApi) {
    this.#api = api;
  }

  async rooms(mucDomain: string, signal: AbortSignal): Promise<string[]> {
    const task = `list the rooms of ${mucDomain}`;
    const service = { service: mucDomain };
    const rooms = await this.#api.call("muc_online_rooms", service, ROOMS, { task, signal });
    return rooms.map(bareOf);
  }

  async isInside(roomJid: string, userJid: string, signal: AbortSignal): Promise<boolean> {
    const task = `list who is in ${roomJid}`;
    const room = { name: localpartOf(roomJid), service: domainOf(roomJid) };
    try {
      const asking = { task, signal };
      const occupants = await this.#api.call("get_room_occupants", room, OCCUPANTS, asking);
      return occupants.some(({ jid }) => bareOf(jid) === userJid);
    } catch (error) {
      if (isRefusal(error) && error.stanza.text.includes("room_not_found")) return false;
      throw error;
    }
  }
}
