import { isIP } from "node:net";
import type { Context } from "hono";
import type { HttpRequest } from "../server/http-message.js";
import { peerAddress, withoutMapping } from "./peer-address.js";
import { trustedProxyCheck } from "./trusted-proxies.js";

/** How many addresses a chain of proxies may name; what is before them is not believed. */
const MAX_HOPS = 16;

/** Returns where a visitor is: an IPv4 address, or the first half of an IPv6 address, which one household has. */
export type VisitorAddress = (context: Context) => string;

/** The addresses that requests come from. */
export interface Visitors {
  /** Returns the visitor's address. */
  addressOf(request: HttpRequest): string;
  /** Returns whether the peer of the connection is a trusted proxy. */
  isBehindProxy(request: HttpRequest): boolean;
}

/**
 * Finds the visitors of requests. A header is believed only where the peer of the connection is a trusted
 * proxy, since anybody can write one.
 * @param trustedProxies addresses, or networks such as 10.0.0.0/8
 * @param onUntrusted is told of each peer that is no trusted proxy and says whom it forwards for
 */
export function findVisitors(
  trustedProxies: readonly string[],
  onUntrusted: (peer: string) => void,
): Visitors {
  const isTrusted = trustedProxyCheck(trustedProxies);
  return {
    addressOf(request) {
      const peer = peerAddress(request.socket);
      const header = headerOf(request, "x-forwarded-for");
      if (header === undefined) return peer;
      if (!isTrusted(peer)) {
        onUntrusted(peer);
        return peer;
      }
      const forwarded = header.split(",").slice(-MAX_HOPS);
      // Each proxy appends whom it was called by: the last one that is no proxy is the visitor.
      let visitor = peer;
      for (const hop of forwarded.reverse()) {
        const address = withoutMapping(withoutPort(hop.trim()));
        if (isIP(address) === 0) break;
        visitor = address;
        if (!isTrusted(address)) break;
      }
      return visitor;
    },
    isBehindProxy: (request) => isTrusted(peerAddress(request.socket)),
  };
}

/** Returns a header; the values of one that was sent several times are joined, oldest first. */
function headerOf({ headers }: HttpRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** Some proxies write 192.0.2.1:4711, [2001:db8::1]:4711 or [2001:db8::1]. */
function withoutPort(hop: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(hop) ?? [];
  return bracketed ?? plain ?? hop;
}

/**
 * Returns what attempts of one visitor are counted by: an IPv4 address, or the network of an IPv6 address.
 * Whoever has one IPv6 address mostly has the 2^64 of its network.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [before = "", after] = address.replace(/%.*$/, "").split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  // Two groups where the last four bytes are written as IPv4.
  const written = head.length + tail.length + (address.includes(".") ? 1 : 0);
  const missing = after === undefined ? 0 : 8 - written;
  const groups = [...head, ...Array<string>(Math.max(missing, 0)).fill("0"), ...tail];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}
