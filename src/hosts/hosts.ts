import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import type { HostConfiguration } from "../configuration/configuration.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";
import { type BareJid, parseDomain } from "../jid/jid.js";
import type { Caller } from "../keys/caller.js";

/** How long the server's answer about its rooms' domains is believed. */
const DISCOVERY_LIFETIME_MS = 60_000;

/** Knows the hosts that Doorman serves, which domains belong to them, and which a caller may touch. */
export class Hosts {
  /** May be lost: it is asked again. */
  private readonly discovered = new Map<string, { mucDomains: string[]; until: number }>();

  /** @param configured at least one host; the first is the one that keyless calls are about */
  constructor(
    private readonly configured: Readonly<Record<string, HostConfiguration>>,
    private readonly chatServer: ChatServer,
  ) {}

  get names(): string[] {
    return Object.keys(this.configured);
  }

  /** Answers the contacts app's URL of a host, with %s for the username; undefined when there is none. */
  rosterUrl(host: string): string | undefined {
    return this.configured[host]?.roster_url;
  }

  /**
   * Reads a request's `host`; empty means the caller's own, or the first that is configured.
   * @throws INVALID_FIELD, HOST_NOT_FOUND, HOST_FORBIDDEN
   */
  hostOf(caller: Caller, text: string): string {
    if (text === "") {
      const host = caller.host ?? this.names[0];
      if (host === undefined) throw invalidField("host", "is required");
      this.requireHost(caller, host);
      return host;
    }
    const host = parseDomain(text, "host");
    this.requireHost(caller, host);
    return host;
  }

  /**
   * Makes sure that a caller may touch a host's accounts and rosters.
   * @throws HOST_NOT_FOUND, HOST_FORBIDDEN
   */
  requireHost(caller: Caller, host: string): void {
    if (!Object.hasOwn(this.configured, host)) throw notServed(host);
    requireScope(caller, host, host);
  }

  /**
   * Makes sure that a caller may touch a room: its domain decides, not where its people come from.
   * @throws HOST_NOT_FOUND, NOT_A_MUC_SERVICE, HOST_FORBIDDEN
   */
  async requireRoom(caller: Caller, room: BareJid, signal: AbortSignal): Promise<void> {
    for (const host of this.ownHostFirst(caller)) {
      const mucDomains = await this.mucDomains(host, signal);
      if (mucDomains.includes(room.domain)) return requireScope(caller, host, room.domain);
    }
    this.requireHost(caller, room.domain);
    throw new DoormanError(
      ErrorReason.NOT_A_MUC_SERVICE,
      `${room.domain} holds no rooms: use the room's JID, such as room@conference.${room.domain}`,
      { metadata: { host: room.domain } },
    );
  }

  private ownHostFirst(caller: Caller): string[] {
    const others = this.names.filter((name) => name !== caller.host);
    const own = this.names.filter((name) => name === caller.host);
    return [...own, ...others];
  }

  private async mucDomains(host: string, signal: AbortSignal): Promise<string[]> {
    const configured = this.configured[host]?.muc;
    if (configured) return configured;
    const known = this.discovered.get(host);
    if (known && known.until > Date.now()) return known.mucDomains;
    const mucDomains = await this.chatServer.rooms.mucDomains(host, signal);
    this.discovered.set(host, { mucDomains, until: Date.now() + DISCOVERY_LIFETIME_MS });
    return mucDomains;
  }
}

function notServed(host: string): DoormanError {
  return new DoormanError(
    ErrorReason.HOST_NOT_FOUND,
    `Doorman does not serve ${host}: add it under hosts in the configuration, or correct the address`,
    { metadata: { host } },
  );
}

function requireScope(caller: Caller, host: string, domain: string): void {
  if (caller.host === undefined || caller.host === host) return;
  throw new DoormanError(
    ErrorReason.HOST_FORBIDDEN,
    `The key ${caller.keyId} is good for ${caller.host} only, and ${domain} belongs to ${host}`,
    { metadata: { host } },
  );
}
