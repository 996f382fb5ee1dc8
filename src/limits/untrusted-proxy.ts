import { BlockList, isIP } from "node:net";
import type { Logger } from "pino";

/** Where proxies of one's own stand. Peers of other addresses may be anybody, who only says to be one. */
const NEAR = new BlockList();
for (const [network, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  NEAR.addSubnet(network, bits, "ipv4");
}
NEAR.addAddress("::1", "ipv6");
NEAR.addSubnet("fc00::", 7, "ipv6");

/** How many peers are warned of: anybody can send the header. */
const MAX_WARNINGS = 10;

/**
 * Notices a proxy in front of Doorman that trusted_proxies does not name: all who come through it count as
 * one visitor, so that one of them can lock out all.
 */
export class UntrustedProxy {
  readonly #peers = new Set<string>();
  #near: string | undefined;

  constructor(private readonly log: Logger) {}

  /** The address of such a proxy in a network of one's own; undefined while none was seen. */
  get address(): string | undefined {
    return this.#near;
  }

  /** Takes note of a peer that sent X-Forwarded-For; each is warned of once. */
  notice(peer: string): void {
    if (this.#peers.has(peer)) return;
    const family = isIP(peer) === 6 ? "ipv6" : "ipv4";
    if (isIP(peer) !== 0 && NEAR.check(peer, family)) this.#near ??= peer;
    if (this.#peers.size >= MAX_WARNINGS) return;
    this.#peers.add(peer);
    this.log.warn(
      { peer },
      "X-Forwarded-For came from a peer that trusted_proxies does not name. If it is your proxy, name it there: until then all who come through it count as one visitor, and one can lock out all",
    );
  }
}
