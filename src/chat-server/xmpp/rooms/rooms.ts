import { clone } from "@bufbuild/protobuf";
import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { type Occupant, OccupantSchema } from "../../../../gen/doorman/v1/room_pb.js";
import { DoormanError, type StanzaRefusal } from "../../../errors/doorman-error.js";
import type { ChatRooms } from "../../chat-server.js";
import type { IqClient } from "../connection/iq.js";
import { discoverInfo, discoverServices } from "../stanzas/service-discovery.js";
import { isRefusal, refused } from "../stanzas/stanza-error.js";
import { NS_MUC_ADMIN, ROOM_ADVICE } from "./room-affiliations.js";
import { NS_MUC, type RoomVisit } from "./room-visit.js";
import type { RoomVisits } from "./room-visits.js";

/** How many services are asked at a time. */
const MAX_PARALLEL = 8;

/** Rooms by Multi-User Chat (XEP-0045). */
export class XmppRooms implements ChatRooms {
  readonly #iq: IqClient;
  readonly #visits: RoomVisits;

  constructor(iq: IqClient, visits: RoomVisits) {
    this.#iq = iq;
    this.#visits = visits;
  }

  async mucDomains(host: string, signal: AbortSignal): Promise<string[]> {
    const services = await discoverServices(this.#iq, host, signal);
    const found: string[] = [];
    for (let start = 0; start < services.length; start += MAX_PARALLEL) {
      const some = services.slice(start, start + MAX_PARALLEL);
      const are = await Promise.all(some.map((jid) => this.#isMucService(jid, signal)));
      found.push(...some.filter((_jid, index) => are[index]));
    }
    return found;
  }

  async kick(
    roomJid: string,
    nickname: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#visits.during(roomJid, signal, async (visit) => {
      if (nickname === visit.nickname) throw noSuchOccupant(roomJid, nickname, ITEM_NOT_FOUND);
      const occupant = visit.occupants.get(nickname);
      await this.#takeRole(visit, nickname, reason, signal);
      // Without one the server knows the nickname under another spelling; its word must do.
      if (occupant === undefined) return;
      await visit.untilLeft(
        occupant,
        signal,
        () =>
          new DoormanError(
            ErrorReason.CHANGE_NOT_APPLIED,
            `The chat server accepted to kick ${nickname}, who is in ${roomJid} all the same`,
          ),
      );
    });
  }

  async occupants(roomJid: string, signal: AbortSignal): Promise<Occupant[]> {
    return await this.#visits.during(roomJid, signal, async (visit) =>
      [...visit.occupants.values()]
        .filter(({ nickname }) => nickname !== visit.nickname)
        .map((occupant) => clone(OccupantSchema, occupant)),
    );
  }

  /** XEP-0045 section 8.2. */
  async #takeRole({ roomJid }: RoomVisit, nickname: string, reason: string, signal: AbortSignal) {
    const task = `kick ${nickname} out of ${roomJid}`;
    const item = xml("item", { nick: nickname, role: "none" }, xml("reason", {}, reason));
    const payload = xml("query", { xmlns: NS_MUC_ADMIN }, item);
    try {
      await this.#iq.request({ type: "set", to: roomJid, payload, task, signal });
    } catch (error) {
      // Prosody says item-not-found, ejabberd not-acceptable.
      if (isRefusal(error, "item-not-found", "not-acceptable")) {
        throw noSuchOccupant(roomJid, nickname, error.stanza);
      }
      if (isRefusal(error, "forbidden", "not-allowed")) {
        throw refused(task, error.stanza, `Nobody can kick those above them. ${ROOM_ADVICE}`);
      }
      throw error;
    }
  }

  async #isMucService(jid: string, signal: AbortSignal): Promise<boolean> {
    try {
      const info = await discoverInfo(this.#iq, jid, signal);
      if (info === undefined) return false;
      return info.identities.has("conference/text") && info.features.has(NS_MUC);
    } catch (error) {
      // A service that does not want to tell is none for Doorman.
      if (error instanceof DoormanError && error.reason === ErrorReason.SERVER_REFUSED) {
        return false;
      }
      throw error;
    }
  }
}

/** What Prosody answers for a nickname that nobody has. */
const ITEM_NOT_FOUND = { condition: "item-not-found", type: "modify", by: "", text: "" };

function noSuchOccupant(roomJid: string, nickname: string, stanza: StanzaRefusal): DoormanError {
  return new DoormanError(
    ErrorReason.OCCUPANT_NOT_FOUND,
    `Nobody in ${roomJid} has the nickname ${nickname}`,
    { stanza },
  );
}
