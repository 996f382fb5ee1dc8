import type { Socket } from "node:net";
import type { Logger } from "pino";
import type { Configuration } from "../../configuration/configuration.js";
import { peerAddress } from "../../limits/peer-address.js";
import { Places } from "../../limits/places.js";
import { trustedProxyCheck } from "../../limits/trusted-proxies.js";
import { networkOf } from "../../limits/visitor-address.js";

/** How often the log says that an address has too many connections. */
const WARNING_INTERVAL_MS = 60_000;

/** Decides about a new connection, and counts it until it is closed; false refuses it. */
export type ConnectionLimit = (socket: Socket) => boolean;

/**
 * Limits how many connections an address has open on all ports together, so that nobody keeps all others
 * out. Trusted proxies may have any number: everybody comes through them.
 */
export function connectionLimit(
  {
    connections_per_address: perAddress,
    trusted_proxies,
  }: Pick<Configuration, "connections_per_address" | "trusted_proxies">,
  log: Logger,
): ConnectionLimit {
  const places = new Places({ total: Number.POSITIVE_INFINITY, perAddress });
  const isTrusted = trustedProxyCheck(trusted_proxies);
  let warnedAt = Number.NEGATIVE_INFINITY;
  return (socket) => {
    const peer = peerAddress(socket);
    if (isTrusted(peer)) return true;
    const giveBack = places.take(networkOf(peer));
    if (giveBack !== undefined) {
      socket.once("close", giveBack);
      return true;
    }
    if (performance.now() >= warnedAt + WARNING_INTERVAL_MS) {
      warnedAt = performance.now();
      log.warn(
        { peer, connections_per_address: perAddress },
        "further connections of this address are closed at once. If it is your proxy, name it in trusted_proxies; if these are programs of yours, let them share connections or raise connections_per_address",
      );
    }
    return false;
  };
}
