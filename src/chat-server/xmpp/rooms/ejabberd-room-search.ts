import { z } from "zod";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
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
    const answer = await this.#api.call("muc_online_rooms", { service: mucDomain }, task, signal);
    return read(ROOMS, answer, task).map(bareOf);
  }

  async isInside(roomJid: string, userJid: string, signal: AbortSignal): Promise<boolean> {
    const task = `list who is in ${roomJid}`;
    const room = { name: localpartOf(roomJid), service: domainOf(roomJid) };
    try {
      const answer = await this.#api.call("get_room_occupants", room, task, signal);
      return read(OCCUPANTS, answer, task).some(({ jid }) => bareOf(jid) === userJid);
    } catch (error) {
      if (isRefusal(error) && error.stanza.text.includes("room_not_found")) return false;
      throw error;
    }
  }
}

function read<T>(schema: z.ZodType<T>, answer: unknown, task: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new DoormanError(
    ErrorReason.SERVER_LACKS_FEATURE,
    `ejabberd's API does not ${task} in the form that Doorman knows: Doorman was tried with 23.01`,
  );
}
