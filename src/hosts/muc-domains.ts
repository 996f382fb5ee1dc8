import type { Logger } from "pino";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { ChatRooms, MucServices } from "../chat-server/chat-rooms.js";
import type { HostConfiguration } from "../configuration/configuration.js";
import { DoormanError, type StanzaRefusal } from "../errors/doorman-error.js";

/** How long the server's answer is believed about the domains that it names. */
const FOUND_LIFETIME_MS = 60_000;
/** And about all others, of which one may be back, or new. */
const MISSED_LIFETIME_MS = 1_000;

/**
 * The conditions by which servers refuse to ask a host that is not their own. Prosody says not-allowed where
 * it connects to no other server, and ejabberd says forbidden where s2s_access denies it. Any other condition,
 * such as service-unavailable, may come from a host that the server has.
 */
const NO_SUCH_HOST: ReadonlySet<string> = new Set([
  "item-not-found",
  "gone",
  "remote-server-not-found",
  "remote-server-timeout",
  "not-allowed",
  "forbidden",
]);

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
  /** The hosts whose last discovery was refused. The log says so once. */
  readonly #refused = new Map<string, { condition: string; at: number }>();
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
   * @throws SERVER_REFUSED when it is a service of the host's that does not tell, or when the server does not
   *   tell whether other hosts list it too; HOST_FORBIDDEN when they do; and what asking throws
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
   * @throws SERVER_REFUSED when there may be more, or one may be another host's too; HOST_FORBIDDEN when
   *   another host lists one of them; NOT_A_MUC_SERVICE when there is none, and what asking throws
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

  /**
   * Returns a host that lists a domain, and all others that do.
   * @throws SERVER_REFUSED when the server does not tell for one of the others, and what asking throws
   */
  async #hostsListing(host: string, domain: string, signal: AbortSignal): Promise<string[]> {
    const others = Object.keys(this.#configured).filter(
      (other) => other !== host && this.#configured[other]?.muc === undefined,
    );
    const lists = await Promise.all(others.map((other) => this.#lists(other, domain, signal)));
    const hosts = [host, ...others.filter((_other, index) => lists[index])];
    if (hosts.length > 1 && !this.#toldShared.has(domain)) {
      this.#toldShared.add(domain);
      this.#log.warn(
        { domain, hosts },
        "several hosts list a domain of rooms, which is nobody's until hosts.HOST.muc says whose it is",
      );
    }
    return hosts;
  }

  /**
   * Returns whether a host lists a domain of rooms, or did in the last minute.
   * @throws SERVER_REFUSED when the server has the host and does not tell, and what asking throws
   */
  async #lists(host: string, domain: string, signal: AbortSignal): Promise<boolean> {
    const since = Date.now() - FOUND_LIFETIME_MS;
    const known = this.#discovered.get(host);
    const isFresh = known !== undefined && known.at > since;
    const refused = this.#refused.get(host);
    const isGone = refused && refused.at > since && NO_SUCH_HOST.has(refused.condition);
    if (!isFresh && isGone) return false;
    try {
      const { domains, silent } = isFresh ? known : await this.#ask(host, signal);
      return domains.includes(domain) || silent.has(domain);
    } catch (error) {
      const stanza = error instanceof DoormanError ? error.stanza : undefined;
      if (stanza === undefined) throw error;
      if (NO_SUCH_HOST.has(stanza.condition)) return false;
      throw mayBeShared(domain, host, stanza);
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
      this.#refused.delete(host);
      return services;
    } catch (error) {
      const stanza = error instanceof DoormanError ? error.stanza : undefined;
      if (stanza) {
        const isNews = !this.#refused.has(host);
        const { condition } = stanza;
        this.#refused.set(host, { condition, at: Date.now() });
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

function mayBeShared(domain: string, host: string, stanza: StanzaRefusal): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_REFUSED,
    `The chat server does not tell whether ${domain} holds rooms of ${host} too (${stanza.condition}): call again when it does, or say in Doorman's configuration whose it is, by muc: [${domain}] under one of the hosts`,
    { metadata: { host: domain }, stanza },
  );
}

function doesNotTell(host: string, domain: string, stanza: StanzaRefusal): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_REFUSED,
    `${domain}, which the chat server lists as a service of ${host}, does not tell whether it holds rooms (${stanza.condition}): call again when it answers, or set hosts.${host}.muc in Doorman's configuration`,
    { metadata: { host: domain }, stanza },
  );
}
