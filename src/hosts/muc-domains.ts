import type { Logger } from "pino";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { ChatRooms, MucServices } from "../chat-server/chat-rooms.js";
import type { HostConfiguration } from "../configuration/configuration.js";
import { DoormanError, type StanzaRefusal } from "../errors/doorman-error.js";

/** How long the server's answer is believed about the domains that it names. */
const FOUND_LIFETIME_MS = 60_000;
/** And about all others, of which one may be back, or new. */
const MISSED_LIFETIME_MS = 1_000;

/** Knows which domains hold the rooms of which host: by the configuration, or else by the server's word. */
export class MucDomains {
  /** May be lost: it is asked again. */
  readonly #discovered = new Map<string, MucServices & { at: number }>();
  /** The hosts whose last discovery was refused, so that the log says so once. */
  readonly #refused = new Set<string>();
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
   * Tells whether a domain holds rooms of a host.
   * @throws SERVER_REFUSED when it is a service of the host's that does not tell, and what asking throws
   */
  async holds(host: string, domain: string, signal: AbortSignal): Promise<boolean> {
    const configured = this.#configured[host]?.muc;
    if (configured) return configured.includes(domain);
    const { domains, silent } = await this.#servicesFor(host, domain, signal);
    if (domains.includes(domain)) return true;
    const refusal = silent.get(domain);
    if (refusal) throw doesNotTell(host, domain, refusal);
    return false;
  }

  /**
   * Answers all domains that hold rooms of a host, as the server has them now.
   * @throws SERVER_REFUSED when there may be more, NOT_A_MUC_SERVICE when there is none, and what asking throws
   */
  async all(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const configured = this.#configured[host]?.muc;
    if (configured) return configured;
    const { domains, silent } = await this.#ask(host, signal);
    for (const [domain, refusal] of silent) throw doesNotTell(host, domain, refusal);
    if (domains.length > 0) return domains;
    throw new DoormanError(
      ErrorReason.NOT_A_MUC_SERVICE,
      `The chat server names no domain with rooms for ${host}: set hosts.${host}.muc in Doorman's configuration`,
      { metadata: { host } },
    );
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
      if (stanza && !this.#refused.has(host)) {
        this.#refused.add(host);
        const { condition } = stanza;
        this.#log.warn(
          { host, condition },
          "the chat server does not tell where a host's rooms are",
        );
      }
      throw error;
    }
  }
}

function doesNotTell(host: string, domain: string, stanza: StanzaRefusal): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_REFUSED,
    `${domain}, which the chat server lists as a service of ${host}, does not tell whether it holds rooms (${stanza.condition}): call again when it answers, or set hosts.${host}.muc in Doorman's configuration`,
    { metadata: { host: domain }, stanza },
  );
}
