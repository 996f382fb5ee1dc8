import type { Logger } from "pino";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import type { HostConfiguration } from "../configuration/configuration.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";
import { type BareJid, parseDomain } from "../jid/jid.js";
import type { Caller } from "../keys/caller.js";
import { withDeadline } from "../waiting/with-deadline.js";
import { MucDomains } from "./muc-domains.js";

/** How long other hosts are asked on behalf of a key that is not good for them. */
const OTHER_HOSTS_TIMEOUT_MS = 2_000;

/** Knows the hosts that Doorman serves, which domains belong to them, and which a caller may touch. */
export class Hosts {
  /** Which domains hold the rooms of which host. */
  readonly mucDomains: MucDomains;

  /** @param configured at least one host; the first is the one that keyless calls are about */
  constructor(
    private readonly configured: Readonly<Record<string, HostConfiguration>>,
    { rooms }: Pick<ChatServer, "rooms">,
    log: Logger,
  ) {
    this.mucDomains = new MucDomains(configured, rooms, log);
  }

  get names(): string[] {
    return Object.keys(this.configured);
  }

  /** Answers the contacts app's URL of a host, with %s for the username; undefined when there is none. */
  rosterUrl(host: string): string | undefined {
    return this.configured[host]?.roster_url;
  }

  /** Answers the hosts whose users' rosters are refreshed at login, with the least time between two, in ms. */
  loginIntervals(): Map<string, number> {
    const intervals = this.names.map(
      (name) => [name, this.configured[name]?.refresh_at_login] as const,
    );
    return new Map(intervals.filter((one): one is [string, number] => one[1] !== undefined));
  }

  /** Returns the configured domains of a host's rooms; undefined when the server is to be asked. */
  configuredMucDomains(host: string): readonly string[] | undefined {
    return this.configured[host]?.muc;
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
   * Makes sure that a caller may touch a room: its domain decides, not where its people come from. A
   * host that cannot be asked for its rooms is nobody's trouble but of those who mean it.
   * @throws HOST_NOT_FOUND, NOT_A_MUC_SERVICE, HOST_FORBIDDEN
   */
  async requireRoom(
    caller: Caller,
    room: Pick<BareJid, "domain">,
    signal: AbortSignal,
  ): Promise<void> {
    const owner = await this.ownerOf(caller, room.domain, signal);
    if (owner !== undefined) return requireScope(caller, owner, room.domain);
    this.requireHost(caller, room.domain);
    throw new DoormanError(
      ErrorReason.NOT_A_MUC_SERVICE,
      `${room.domain} holds no rooms: use the room's JID, such as room@conference.${room.domain}`,
      { metadata: { host: room.domain } },
    );
  }

  /** Answers the host whose rooms are on a domain; undefined when there is none. */
  private async ownerOf(
    caller: Caller,
    domain: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (caller.host === undefined) return this.firstOwner(this.names, domain, signal);
    const own = this.names.filter((name) => name === caller.host);
    const owner = await this.firstOwner(own, domain, signal);
    if (owner !== undefined) return owner;
    // The key is refused whichever of the others it is; they only tell how.
    const others = this.names.filter((name) => name !== caller.host);
    const ask = (soon: AbortSignal) => this.firstOwner(others, domain, soon);
    return withDeadline(signal, OTHER_HOSTS_TIMEOUT_MS, ask).catch(() => undefined);
  }

  /** Asks hosts at once. @throws the failure of one that may be the owner, when no other is */
  private async firstOwner(
    hosts: string[],
    domain: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const asked = hosts.map(async (host) => {
      if (await this.mucDomains.holds(host, domain, signal)) return host;
      throw notServed(domain);
    });
    try {
      return await Promise.any(asked);
    } catch (error) {
      const { errors } = error as AggregateError;
      const someAnswered = errors.some(isNotServed);
      const failure = errors.find((one, index) => {
        if (isNotServed(one)) return false;
        // A server refuses for a host that it does not have, and so says nothing about other domains.
        const isOfDomain =
          one.metadata?.host === domain || `.${domain}`.endsWith(`.${hosts[index]}`);
        return !isRefusal(one) || !someAnswered || isOfDomain;
      });
      if (failure !== undefined) throw failure;
      return undefined;
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof DoormanError && error.stanza !== undefined;
}

function isNotServed(error: unknown): boolean {
  return error instanceof DoormanError && error.reason === ErrorReason.HOST_NOT_FOUND;
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
