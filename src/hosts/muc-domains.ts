import type { Logger } from "pino";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { ChatRooms, MucServices } from "../chat-server/chat-rooms.js";
import type { HostConfiguration } from "../configuration/configuration.js";
import { DoormanError, type StanzaRefusal } from "../errors/doorman-error.js";

/** How long the server's answer is believed about the domains that it names. */
const FOUND_LIFETIME_MS = 60_000;
/** And about all others, of which one may be back, or new. */
const MISSED_LIFETIME_MS = 1_000;

/** The domains that the server lists for a host. */
export interface ListedRooms {
  /** Those that are the host's. */
  own: readonly string[];
  /** Those that other hosts list too, with all hosts that do. They are nobody's. */
  shared: ReadonlyMap<string, readonly string[]>;
}

/**
 * Knows which domains hold the rooms of which host: by the configuration, or else by the server's word. A
 * domain that the server lists for two hosts belongs to nobody until the configuration says whose it is.
 */
export class MucDomains {
  /** May be lost: it is asked again. */
  readonly #discovered = new Map<string, MucServices & { at: number }>();
  /** The hosts whose last discovery was refused, with its time. The log says so once. */
  readonly #refusedAt = new Map<string, number>();
  /** The domains of which the log has said that several hosts list them. */
  readonly #toldShared = new Set<string>();
  readonly #configured: Readonly<Record<string, HostConfiguration>>;
  readonly #rooms: Pick<ChatRooms, "mucServices">;
  readonly #log: Logger;

  constructor(
    configured: Readonly<Record<string, HostConfiguration>>,
    rooms: Pick<ChatRooms, "mucServices">,
    log: Logger,
  ) {
    this.#configured = configured;
    this.#rooms = rooms;
    this.#log = log;
  }

  /**
   * Returns whether a domain holds rooms of a host.
   * @throws SERVER_REFUSED when it is a service of the host's that does not tell, HOST_FORBIDDEN when other
   *   hosts list it too, and what asking throws
   */
  async holds(host: string, domain: string, signal: AbortSignal): Promise<boolean> {
    const owner = this.#configuredOwner(domain);
    if (owner !== undefined) return owner === host;
    if (this.#configured[host]?.muc) return false;
    const { domains, silent } = await this.#servicesFor(host, domain, signal);
    if (domains.includes(domain)) {
      const hosts = await this.#hostsListing(host, domain, signal);
      if (hosts.length > 1) throw belongsToNobody(domain, hosts);
      return true;
    }
    const refusal = silent.get(domain);
    if (refusal) throw doesNotTell(host, domain, refusal);
    return false;
  }

  /**
   * Returns all domains that hold rooms of a host, as the server has them now.
   * @throws SERVER_REFUSED when there may be more, HOST_FORBIDDEN when another host lists one of them,
   *   NOT_A_MUC_SERVICE when there is none, and what asking throws
   */
  async all(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const configured = this.#configured[host]?.muc;
    if (configured) return configured;
    const { own, shared, silent } = await this.#list(host, signal);
    for (const [domain, refusal] of silent) throw doesNotTell(host, domain, refusal);
    for (const [domain, hosts] of shared) throw belongsToNobody(domain, hosts);
    if (own.length > 0) return own;
    throw new DoormanError(
      ErrorReason.NOT_A_MUC_SERVICE,
      `The chat server names no domain with rooms for ${host}: set hosts.${host}.muc in Doorman's configuration`,
      { metadata: { host } },
    );
  }

  /** Returns the domains of a host's rooms, and those that are nobody's. @throws what asking throws */
  async listed(host: string, signal: AbortSignal): Promise<ListedRooms> {
    const configured = this.#configured[host]?.muc;
    return configured ? { own: configured, shared: new Map() } : await this.#list(host, signal);
  }

  async #list(
    host: string,
    signal: AbortSignal,
  ): Promise<ListedRooms & Pick<MucServices, "silent">> {
    const { domains, silent } = await this.#ask(host, signal);
    const own: string[] = [];
    const shared = new Map<string, readonly string[]>();
    for (const domain of domains) {
      if (this.#configuredOwner(domain) !== undefined) continue;
      const hosts = await this.#hostsListing(host, domain, signal);
      if (hosts.length > 1) shared.set(domain, hosts);
      else own.push(domain);
    }
    return { own, shared, silent };
  }

  #configuredOwner(domain: string): string | undefined {
    const hosts = Object.keys(this.#configured);
    return hosts.find((host) => this.#configured[host]?.muc?.includes(domain));
  }

  /** Returns a host that lists a domain, and all others that do. */
  async #hostsListing(host: string, domain: string, signal: AbortSignal): Promise<string[]> {
    const others = Object.keys(this.#configured).filter(
      (other) => other !== host && this.#configured[other]?.muc === undefined,
    );
    const lists = await Promise.all(others.map((other) => this.#recentDomains(other, signal)));
    const hosts = [host, ...others.filter((_other, index) => lists[index]?.includes(domain))];
    if (hosts.length > 1 && !this.#toldShared.has(domain)) {
      this.#toldShared.add(domain);
      this.#log.warn(
        { domain, hosts },
        "several hosts list a domain of rooms, which is nobody's until hosts.HOST.muc says whose it is",
      );
    }
    return hosts;
  }

  /** Returns what a host listed in the last minute; nothing where the server does not tell. */
  async #recentDomains(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const since = Date.now() - FOUND_LIFETIME_MS;
    const known = this.#discovered.get(host);
    if (known && known.at > since) return known.domains;
    if ((this.#refusedAt.get(host) ?? 0) > since) return [];
    try {
      return (await this.#ask(host, signal)).domains;
    } catch (error) {
      // A host that the server does not have.
      if (error instanceof DoormanError && error.stanza !== undefined) return [];
      throw error;
    }
  }

  async #servicesFor(host: string, domain: string, signal: AbortSignal): Promise<MucServices> {
    const known = this.#discovered.get(host);
    const lifetime = known?.domains.includes(domain) ? FOUND_LIFETIME_MS : MISSED_LIFETIME_MS;
    if (known && Date.now() < known.at + lifetime) return known;
    return await this.#ask(host, signal);
  }

  async #ask(host: string, signal: AbortSignal): Promise<MucServices> {
    try {
      const services = await this.#rooms.mucServices(host, signal);
      this.#discovered.set(host, { ...services, at: Date.now() });
      this.#refusedAt.delete(host);
      return services;
    } catch (error) {
      const stanza = error instanceof DoormanError ? error.stanza : undefined;
      if (stanza) {
        const isNews = !this.#refusedAt.has(host);
        this.#refusedAt.set(host, Date.now());
        const { condition } = stanza;
        const message = "the chat server does not tell where a host's rooms are";
        if (isNews) this.#log.warn({ host, condition }, message);
      }
      throw error;
    }
  }
}

function belongsToNobody(domain: string, hosts: readonly string[]): DoormanError {
  return new DoormanError(
    ErrorReason.HOST_FORBIDDEN,
    `The chat server lists ${domain} for ${hosts.join(" and for ")}, so its rooms belong to nobody: say whose they are in Doorman's configuration, by hosts.${hosts[0]}.muc: [${domain}] or that of another host`,
    { metadata: { host: domain } },
  );
}

function doesNotTell(host: string, domain: string, stanza: StanzaRefusal): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_REFUSED,
    `${domain}, which the chat server lists as a service of ${host}, does not tell whether it holds rooms (${stanza.condition}): call again when it answers, or set hosts.${host}.muc in Doorman's configuration`,
    { metadata: { host: domain }, stanza },
  );
}
