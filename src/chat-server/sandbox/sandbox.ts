import { domainOf } from "../../jid/parts.js";
import type { ChatServer } from "../chat-server.js";
import { CAST_OCCUPANTS, CAST_USERS } from "./cast.js";
import { type ContactsApp, startContactsApp } from "./contacts-app.js";
import type { SandboxHost } from "./default-sandbox-hosts.js";
import { SandboxAccounts } from "./sandbox-accounts.js";
import { SandboxCapabilities } from "./sandbox-capabilities.js";
import { hostNotFound } from "./sandbox-errors.js";
import { SandboxHats } from "./sandbox-hats.js";
import { SandboxInvites } from "./sandbox-invites.js";
import { type SandboxOccupant, SandboxRooms } from "./sandbox-rooms.js";
import { SandboxRosters } from "./sandbox-rosters.js";
import { SandboxState } from "./sandbox-state.js";

/** Starts a sandbox with the cast on the stage, and its contacts app. */
export async function startSandbox(hosts: readonly SandboxHost[]): Promise<Sandbox> {
  return new Sandbox(hosts, await startContactsApp());
}

/**
 * Is a chat server in memory, to try Doorman and to test its clients: it enforces what a real one
 * enforces, but nobody can connect to it, and nothing survives the process.
 */
export class Sandbox implements ChatServer {
  readonly unavailableBecause = undefined;
  /** Nobody can log in. */
  readonly logins = undefined;
  readonly rooms: SandboxRooms;
  readonly rosters: SandboxRosters;
  readonly hats: SandboxHats;
  readonly accounts: SandboxAccounts;
  readonly invites: SandboxInvites;
  readonly capabilities = new SandboxCapabilities();
  /** The roster_url of the sandbox's contacts app, with `%s` for the username. */
  readonly contactsAppUrl: string;
  private readonly state = new SandboxState();
  private readonly hosts: ReadonlyMap<string, readonly string[]>;

  constructor(
    hosts: readonly SandboxHost[],
    private readonly contactsApp: ContactsApp,
  ) {
    this.hosts = new Map(hosts.map(({ host, muc }) => [host, [...muc]]));
    this.rooms = new SandboxRooms(this.state, this.hosts);
    this.rosters = new SandboxRosters(this.state);
    this.hats = new SandboxHats(this.state);
    this.accounts = new SandboxAccounts(this.state, this.hosts);
    this.invites = new SandboxInvites(this.state, this.hosts, this.accounts);
    this.contactsAppUrl = contactsApp.url;
    this.reset();
  }

  /**
   * Opens an account without contacts; one that is there keeps what it has.
   * @throws HOST_NOT_FOUND, or SERVER_REFUSED when the sandbox is full
   */
  putUser(userJid: string): void {
    const host = domainOf(userJid);
    if (!this.hosts.has(host)) throw hostNotFound(host, this.hosts.keys());
    this.state.addUser(userJid);
  }

  /**
   * Puts somebody into a room, which is created when it is not there, in place of the occupant with
   * that nickname.
   * @throws HOST_NOT_FOUND, NOT_A_MUC_SERVICE, or SERVER_REFUSED when the sandbox is full
   */
  putOccupant(occupant: SandboxOccupant): void {
    this.rooms.put(occupant);
  }

  /** Puts users, rosters, rooms and hats back to what the sandbox starts with; invites of its own are void. */
  reset(): void {
    this.state.clear();
    for (const userJid of CAST_USERS) {
      if (this.hosts.has(domainOf(userJid))) this.putUser(userJid);
    }
    for (const occupant of CAST_OCCUPANTS) {
      if (this.rooms.domains.has(domainOf(occupant.roomJid))) this.putOccupant(occupant);
    }
  }

  /** Stops the contacts app. */
  async close(): Promise<void> {
    await this.contactsApp.close();
  }
}
