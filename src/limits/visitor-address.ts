import { BlockList, isIP } from "node:net";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

/** How many addresses a chain of proxies may name; what is before them is not believed. */
const MAX_HOPS = 16;

/** Answers where a visitor is: an IPv4 address, or the first half of an IPv6 address, which one household has. */
export type VisitorAddress = (context: Context) => string;

/**
 * Makes what tells visitors apart by their address. A header is believed only where the peer of the
 * connection is a trusted proxy, since anybody can write one.
 * @param trustedProxies addresses, or networks such as 10.0.0.0/8
 * @param onUntrusted is told of each peer that is no trusted proxy and says whom it forwards for
 */
export function visitorAddress(
  trustedProxies: readonly string[],
  onUntrusted: (peer: string) => void,
): VisitorAddress {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) {
    const [address = "", bits] = proxy.split("/");
    const family = familyOf(address);
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return (context) => {
    const { incoming } = context.env as HttpBindings;
    const peer = withoutMapping(incoming.socket.remoteAddress ?? "");
    const header = context.req.header("X-Forwarded-For");
    const isTrusted = isIP(peer) !== 0 && trusted.check(peer, familyOf(peer));
    if (header !== undefined && !isTrusted) onUntrusted(peer);
    const forwarded = (header ?? "").split(",").slice(-MAX_HOPS);
    // Each proxy appends whom it was called by: the last one that is no proxy is the visitor.
    const hops = [...forwarded.map((hop) => withoutMapping(withoutPort(hop.trim()))), peer];
    let visitor = peer;
    for (const hop of hops.reverse()) {
      if (isIP(hop) === 0) break;
      visitor = hop;
      if (!trusted.check(hop, familyOf(hop))) break;
    }
    return networkOf(visitor);
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** Some proxies write 192.0.2.1:4711, [2001:db8::1]:4711 or [2001:db8::1]. */
function withoutPort(hop: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(hop) ?? [];
  return bracketed ?? plain ?? hop;
}

/** Node writes an IPv4 peer of a socket that takes both as ::ffff:127.0.0.1. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

/** Who has one IPv6 address mostly has the 2^64 of its network. */
function networkOf(address: string): string {
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
