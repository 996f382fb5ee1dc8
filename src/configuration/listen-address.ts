import { isIP } from "node:net";

/** Is where a server listens. */
export interface ListenAddress {
  /** A host name or an IP address, without brackets. */
  host: string;
  /** 0 lets the system choose a free one. */
  port: number;
}

/** Reads `HOST:PORT`, with an IPv6 address in brackets; undefined when it has not that form. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) return undefined;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
  return { host: bracketed ?? plain ?? "", port: Number(port) };
}

/** Writes the clear-text URL of an address, without a final slash. */
export function urlOf({ host, port }: ListenAddress): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
