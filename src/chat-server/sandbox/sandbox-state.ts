import type { HatAttachment } from "../../../gen/doorman/v1/hat_pb.js";
import type { Affiliation, Role } from "../../../gen/doorman/v1/room_pb.js";
import type { Contact } from "../../../gen/doorman/v1/roster_pb.js";
import { sandboxFull } from "./sandbox-errors.js";

// All in memory, so it must end somewhere: enough for a load test, too little to exhaust the host.
const MAX_ENTRIES = 1_000_000;

export interface SandboxRoom {
  /** By nickname. */
  readonly occupants: Map<string, { userJid: string; role: Role }>;
  /** By user JID; who is not in it has no affiliation. */
  readonly affiliated: Map<string, AffiliatedUser>;
}

export interface AffiliatedUser {
  affiliation: Affiliation;
  /** By hat id. They belong to the affiliation, and go with it. */
  readonly hats: Map<string, HatAttachment>;
}

/**
 * Is everything that the sandbox knows, at most a million entries in all. JIDs are bare and
 * normalised.
 */
export class SandboxState {
  private counter: { entries: number } = { entries: 0 };
  /** The accounts by JID, each with its contacts by JID. */
  users = this.map<Map<string, Contact>>();
  /** By JID. An account without one is nobody's to log in to. */
  passwords = this.map<string>();
  /** By token: the invites that the sandbox issued and nobody has redeemed. */
  inviteTokens = this.map<{ host: string; expireTime: Date }>();
  /** By room JID. A room that nobody is in any more stays. */
  rooms = this.map<SandboxRoom>();

  /** Forgets everything. */
  clear(): void {
    this.counter = { entries: 0 };
    this.users = this.map();
    this.passwords = this.map();
    this.inviteTokens = this.map();
    this.rooms = this.map();
  }

  /**
   * Is called before a change, so that a full sandbox refuses the whole of it.
   * @param entries how many the change may add
   * @throws SERVER_REFUSED
   */
  ensureSpace(entries: number): void {
    if (this.counter.entries + entries > MAX_ENTRIES) throw sandboxFull(MAX_ENTRIES);
  }

  /**
   * Opens an account without contacts, unless it is there.
   * @throws SERVER_REFUSED
   */
  addUser(userJid: string): void {
    if (this.users.has(userJid)) return;
    this.ensureSpace(1);
    this.users.set(userJid, this.map());
  }

  /** Answers the room, which is created when it is not there. */
  openRoom(roomJid: string): SandboxRoom {
    let room = this.rooms.get(roomJid);
    if (room === undefined) {
      room = { occupants: this.map(), affiliated: this.map() };
      this.rooms.set(roomJid, room);
    }
    return room;
  }

  /** Gives a user an affiliation other than none; hats that the user has stay. */
  affiliate(room: SandboxRoom, userJid: string, affiliation: Affiliation): void {
    const user = room.affiliated.get(userJid);
    if (user !== undefined) user.affiliation = affiliation;
    else room.affiliated.set(userJid, { affiliation, hats: this.map() });
  }

  /** Takes a user's affiliation away, and the hats with it. */
  disaffiliate(room: SandboxRoom, userJid: string): void {
    room.affiliated.get(userJid)?.hats.clear();
    room.affiliated.delete(userJid);
  }

  private map<V>(): Map<string, V> {
    return new CountedMap<V>(this.counter);
  }
}

/** Is a Map that keeps a count, shared with other maps, of all their entries. */
class CountedMap<V> extends Map<string, V> {
  constructor(private readonly counter: { entries: number }) {
    super();
  }

  override set(key: string, value: V): this {
    if (!this.has(key)) this.counter.entries += 1;
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    const deleted = super.delete(key);
    if (deleted) this.counter.entries -= 1;
    return deleted;
  }

  override clear(): void {
    this.counter.entries -= this.size;
    super.clear();
  }
}
