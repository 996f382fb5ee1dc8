import { create } from "@bufbuild/protobuf";
import type { HatAttachment } from "../../../gen/doorman/v1/hat_pb.js";
import {
  Affiliation,
  type Occupant,
  OccupantSchema,
  Role,
} from "../../../gen/doorman/v1/room_pb.js";
import { domainOf } from "../../jid/parts.js";
import type { ChatRooms } from "../chat-server.js";
import {
  hostNotFound,
  notAMucService,
  occupantNotFound,
  roomNotFound,
  serverRefused,
  throwIfAborted,
} from "./sandbox-errors.js";
import { copyOfHat } from "./sandbox-hats.js";
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

  async mucDomains(host: string, signal: AbortSignal): Promise<string[]> {
    throwIfAborted(signal);
    const domains = this.hosts.get(host);
    if (domains === undefined) throw hostNotFound(host, this.hosts.keys());
    return [...domains];
  }

  async kick(
    roomJid: string,
    nickname: string,
    _reason: string,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    const room = this.room(roomJid);
    const occupant = room.occupants.get(nickname);
    if (occupant === undefined) throw occupantNotFound(roomJid, nickname);
    // XEP-0045 section 8.2: nobody kicks an occupant of higher affiliation, and Doorman is an admin.
    if (room.affiliated.get(occupant.userJid)?.affiliation === Affiliation.OWNER) {
      throw serverRefused(
        `${nickname} is an owner of ${roomJid}, and an admin cannot kick an owner; ` +
          "take the affiliation away first",
        { condition: "not-allowed", type: "cancel", by: roomJid },
      );
    }
    room.occupants.delete(nickname);
  }

  async occupants(roomJid: string, signal: AbortSignal): Promise<Occupant[]> {
    throwIfAborted(signal);
    const room = this.room(roomJid);
    return [...room.occupants].map(([nickname, { userJid, role }]) => {
      const user = room.affiliated.get(userJid);
      const affiliation = user?.affiliation ?? Affiliation.NONE;
      return create(OccupantSchema, {
        nickname,
        userJid,
        role: role === Role.UNSPECIFIED ? defaultRole(affiliation) : role,
        affiliation,
        hats: activeHats(user?.hats ?? new Map()),
      });
    });
  }

  /**
   * Puts somebody into a room, which is created when it is not there, in place of the occupant with
   * that nickname.
   * @throws HOST_NOT_FOUND, NOT_A_MUC_SERVICE, or SERVER_REFUSED when the sandbox is full
   */
  put({ roomJid, nickname, userJid, role, affiliation }: SandboxOccupant): void {
    const domain = domainOf(roomJid);
    if (!this.domains.has(domain)) {
      throw this.hosts.has(domain)
        ? notAMucService(domain, this.domains)
        : hostNotFound(domain, this.domains);
    }
    this.state.ensureSpace(3); // The room, the affiliation and the occupant.
    const room = this.state.openRoom(roomJid);
    if (affiliation === Affiliation.NONE) {
      room.affiliated.get(userJid)?.hats.clear();
      room.affiliated.delete(userJid);
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

/** XEP-0045 section 5.1.2, the role that an affiliation brings in a room that is not moderated. */
function defaultRole(affiliation: Affiliation): Role {
  return affiliation === Affiliation.ADMIN || affiliation === Affiliation.OWNER
    ? Role.MODERATOR
    : Role.PARTICIPANT;
}

function activeHats(hats: ReadonlyMap<string, HatAttachment>): Record<string, HatAttachment> {
  return Object.fromEntries(
    [...hats].filter(([, hat]) => hat.active).map(([hatId, hat]) => [hatId, copyOfHat(hat)]),
  );
}
