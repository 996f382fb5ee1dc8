import { clone, create } from "@bufbuild/protobuf";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import {
  Affiliation,
  type Occupant,
  OccupantSchema,
  type UserAffiliation,
  UserAffiliationSchema,
} from "../../../../gen/doorman/v1/room_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { KeyedLock } from "../../../waiting/keyed-lock.js";
import type { ChatRooms, MucServices } from "../../chat-rooms.js";
import type { IqClient } from "../connection/iq.js";
import { discoverInfo } from "../stanzas/service-discovery.js";
import { isRefusal } from "../stanzas/stanza-error.js";
import {
  type AffiliationChange,
  affiliationName,
  changeAffiliation,
  LISTED_AFFILIATIONS,
} from "./change-affiliation.js";
import { discoverMucServices } from "./discover-muc-services.js";
import { kickOut, kickUserOut, sessionsOf, untilLeft } from "./kick-out.js";
import { noSuchRoom } from "./no-such-room.js";
import { listAffiliated } from "./room-affiliations.js";
import type { RoomOwnership } from "./room-ownership.js";
import type { RoomSearch } from "./room-search.js";
import type { RoomVisits } from "./room-visits.js";

export interface XmppRoomsOptions {
  iq: IqClient;
  /** The bare JID of Doorman's account. */
  ownJid: string;
  visits: RoomVisits;
  ownership: RoomOwnership;
  search: RoomSearch;
}

/** Rooms by Multi-User Chat (XEP-0045). */
export class XmppRooms implements ChatRooms {
  readonly #iq: IqClient;
  readonly #ownJid: string;
  readonly #visits: RoomVisits;
  readonly #ownership: RoomOwnership;
  readonly #search: RoomSearch;
  /** By room and user. */
  readonly #lock = new KeyedLock();

  constructor({ iq, ownJid, visits, ownership, search }: XmppRoomsOptions) {
    this.#iq = iq;
    this.#ownJid = ownJid;
    this.#visits = visits;
    this.#ownership = ownership;
    this.#search = search;
  }

  async mucServices(host: string, signal: AbortSignal): Promise<MucServices> {
    return await discoverMucServices(this.#iq, host, signal);
  }

  async list(mucDomain: string, signal: AbortSignal): Promise<string[]> {
    return await this.#search.rooms(mucDomain, signal);
  }

  async isInside(roomJid: string, userJid: string, signal: AbortSignal): Promise<boolean> {
    return await this.#search.isInside(roomJid, userJid, signal);
  }

  async kick(
    roomJid: string,
    nickname: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<string> {
    return await this.#visits.during(roomJid, signal, (visit) =>
      kickOut(this.#iq, visit, nickname, reason, signal),
    );
  }

  async kickUser(
    roomJid: string,
    userJid: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<string[]> {
    return await this.#visits.during(roomJid, signal, (visit) =>
      kickUserOut(this.#iq, visit, userJid, reason, signal),
    );
  }

  async occupants(roomJid: string, signal: AbortSignal): Promise<Occupant[]> {
    return await this.#visits.during(roomJid, signal, async (visit) =>
      [...visit.occupants.values()]
        .filter(({ nickname }) => nickname !== visit.nickname)
        .map((occupant) => clone(OccupantSchema, occupant)),
    );
  }

  async setAffiliation(
    roomJid: string,
    userJid: string,
    affiliation: Affiliation,
    reason: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (userJid === this.#ownJid) {
      throw new DoormanError(
        ErrorReason.USER_PROTECTED,
        `${userJid} is Doorman's own account, whose affiliations Doorman does not change`,
      );
    }
    const change = { roomJid, userJid, affiliation, reason };
    const task = `make ${userJid} ${affiliationName(affiliation)} of ${roomJid}`;
    // Another change would be found on the lists in place of this one.
    await this.#lock.run(`${roomJid} ${userJid}`, task, signal, async () => {
      if (affiliation === Affiliation.OUTCAST) await this.#ban(change, signal);
      else await this.#asOwner(roomJid, signal, () => changeAffiliation(this.#iq, change, signal));
    });
  }

  async affiliations(
    roomJid: string,
    affiliation: Affiliation | undefined,
    signal: AbortSignal,
  ): Promise<UserAffiliation[]> {
    const wanted = affiliation === undefined ? LISTED_AFFILIATIONS : [affiliation];
    const lists = await this.#asOwner(roomJid, signal, () =>
      Promise.all(
        wanted.map(async (one) => {
          const jids = await listAffiliated(this.#iq, roomJid, affiliationName(one), signal);
          return [...jids].map((userJid) =>
            create(UserAffiliationSchema, { userJid, affiliation: one }),
          );
        }),
      ),
    );
    return lists.flat();
  }

  /** From inside, where Doorman sees that those who are banned leave. */
  async #ban(change: AffiliationChange, signal: AbortSignal): Promise<void> {
    const { roomJid, userJid } = change;
    await this.#visits.during(roomJid, signal, async (visit) => {
      const sessions = sessionsOf(visit, userJid);
      await this.#ownership.during(roomJid, signal, () =>
        changeAffiliation(this.#iq, change, signal),
      );
      for (const session of sessions) await untilLeft(visit, session, signal);
    });
  }

  /** Does what needs no visit to a room, but ownership. @throws ROOM_NOT_FOUND */
  async #asOwner<T>(roomJid: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const info = await discoverInfo(this.#iq, roomJid, signal);
    if (info === undefined) throw noSuchRoom(roomJid);
    try {
      return await this.#ownership.during(roomJid, signal, work);
    } catch (error) {
      // It went away in between.
      if (isRefusal(error, "item-not-found", "gone")) throw noSuchRoom(roomJid);
      throw error;
    }
  }
}
