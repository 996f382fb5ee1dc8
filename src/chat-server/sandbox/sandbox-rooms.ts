import { create } from "@bufbuild/protobuf";
import {
  Affiliation,
  type Occupant,
  type Role,
  type UserAffiliation,
  UserAffiliationSchema,
} from "../../../gen/doorman/v1/room_pb.js";
import { findNickname } from "../../jid/nicknames.js";
import { domainOf } from "../../jid/parts.js";
import type { ChatRooms, MucServices } from "../chat-rooms.js";
import {
  banned,
  hostNotFound,
  notAMucService,
  occupantNotFound,
  roomNotFound,
  serverRefused,
  throwIfAborted,
  userNotInside,
} from "./sandbox-errors.js";
import { nicknamesOf, occupantsOf } from "./sandbox-occupants.js";
import type { SandboxRoom, SandboxState } from "./sandbox-state.js";

/** Somebody to put into a room. JIDs are bare and normalised. */
export interface SandboxOccupant {
  roomJid: string;
  nickname: string;
  /** From any domain; it needs no account in the sandbox. */
  userJid: string;
  /** Unspecified: moderator for admins and owners, participant for all others. */
  role: Role;
  /** Unspecified leaves the one that the user has. */
  affiliation: Affiliation;
}

/** Is the sandbox's rooms, in which Doorman acts as an admin, though not as an owner. */
export class SandboxRooms implements ChatRooms {
  /** The domains that hold rooms, of all hosts. */
  readonly domains: ReadonlySet<string>;

  /** @param hosts the MUC domains by host */
  constructor(
    private readonly state: SandboxState,
    private readonly hosts: ReadonlyMap<string, readonly string[]>,
  ) {
    this.domains = new Set([...hosts.values()].flat());
  }

  async mucServices(host: string, signal: AbortSignal): Promise<MucServices> {
    throwIfAborted(signal);
    const domains = this.hosts.get(host);
    if (domains === undefined) throw hostNotFound(host, this.hosts.keys());
    return { domains: [...domains], silent: new Map() };
  }

  async list(mucDomain: string, signal: AbortSignal): Promise<string[]> {
    throwIfAborted(signal);
    return [...this.state.rooms.keys()].filter((roomJid) => domainOf(roomJid) === mucDomain);
  }

  async isInside(roomJid: string, userJid: string, signal: AbortSignal): Promise<boolean> {
    throwIfAborted(signal);
    return nicknamesOf(this.state.rooms.get(roomJid), userJid).length > 0;
  }

  async kick(
    roomJid: string,
    wanted: string,
    _reason: string,
    signal: AbortSignal,
  ): Promise<string> {
    throwIfAborted(signal);
    const room = this.room(roomJid);
    const nickname = findNickname(room.occupants.keys(), wanted) ?? wanted;
    const occupant = room.occupants.get(nickname);
    if (occupant === undefined) throw occupantNotFound(roomJid, nickname);
    requireNoOwner(room, roomJid, occupant.userJid, nickname);
    room.occupants.delete(nickname);
    return nickname;
  }

  async kickUser(
    roomJid: string,
    userJid: string,
    _reason: string,
    signal: AbortSignal,
  ): Promise<string[]> {
    throwIfAborted(signal);
    const room = this.room(roomJid);
    const nicknames = nicknamesOf(room, userJid);
    if (nicknames.length === 0) throw userNotInside(roomJid, userJid);
    requireNoOwner(room, roomJid, userJid, userJid);
    for (const nickname of nicknames) room.occupants.delete(nickname);
    return nicknames;
  }

  async setAffiliation(
    roomJid: string,
    userJid: string,
    affiliation: Affiliation,
    _reason: string,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    const room = this.room(roomJid);
    if (affiliation === Affiliation.NONE) {
      this.state.disaffiliate(room, userJid);
      return;
    }
    this.state.ensureSpace(1);
    // A ban takes the hats.
    if (affiliation === Affiliation.OUTCAST) this.state.disaffiliate(room, userJid);
    this.state.affiliate(room, userJid, affiliation);
    if (affiliation !== Affiliation.OUTCAST) return;
    for (const nickname of nicknamesOf(room, userJid)) room.occupants.delete(nickname);
  }

  async affiliations(
    roomJid: string,
    wanted: Affiliation | undefined,
    signal: AbortSignal,
  ): Promise<UserAffiliation[]> {
    throwIfAborted(signal);
    return [...this.room(roomJid).affiliated]
      .filter(([, { affiliation }]) => wanted === undefined || affiliation === wanted)
      .map(([userJid, { affiliation }]) => create(UserAffiliationSchema, { userJid, affiliation }));
  }

  async occupants(roomJid: string, signal: AbortSignal): Promise<Occupant[]> {
    throwIfAborted(signal);
    return occupantsOf(this.room(roomJid));
  }

  /**
   * Puts somebody into a room, which is created when it is not there, in place of the occupant with
   * that nickname.
   * @throws HOST_NOT_FOUND, NOT_A_MUC_SERVICE, or SERVER_REFUSED when the user is banned or the sandbox
   * is full
   */
  put({ roomJid, nickname, userJid, role, affiliation }: SandboxOccupant): void {
    const domain = domainOf(roomJid);
    if (!this.domains.has(domain)) {
      throw this.hosts.has(domain)
        ? notAMucService(domain, this.domains)
        : hostNotFound(domain, this.domains);
    }
    const isBanned =
      affiliation === Affiliation.UNSPECIFIED &&
      this.state.rooms.get(roomJid)?.affiliated.get(userJid)?.affiliation === Affiliation.OUTCAST;
    if (isBanned) throw banned(roomJid, userJid);
    this.state.ensureSpace(3); // The room, the affiliation and the occupant.
    const room = this.state.openRoom(roomJid);
    if (affiliation === Affiliation.NONE) {
      this.state.disaffiliate(room, userJid);
    } else if (affiliation !== Affiliation.UNSPECIFIED) {
      this.state.affiliate(room, userJid, affiliation);
    }
    room.occupants.set(nickname, { userJid, role });
  }

  private room(roomJid: string): SandboxRoom {
    const room = this.state.rooms.get(roomJid);
    if (room === undefined) throw roomNotFound(roomJid);
    return room;
  }
}

/** XEP-0045 section 8.2: nobody kicks an occupant of higher affiliation, and Doorman is an admin. */
function requireNoOwner(room: SandboxRoom, roomJid: string, userJid: string, name: string): void {
  if (room.affiliated.get(userJid)?.affiliation !== Affiliation.OWNER) return;
  throw serverRefused(
    `${name} is an owner of ${roomJid}, and an admin cannot kick an owner; ` +
      "take the affiliation away first",
    { condition: "not-allowed", type: "cancel", by: roomJid },
  );
}
