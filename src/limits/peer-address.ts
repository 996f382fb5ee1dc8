import type { Socket } from "node:net";

/**
 * Returns the IP address at the other end of a connection, which no header can forge; empty when the
 * connection has ended already.
 */
export function peerAddress({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): string {
  return withoutMapping(remoteAddress);
}

/** Node writes an IPv4 peer of a socket that takes both as ::ffff:127.0.0.1. */
export function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
