import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import type { ListenAddress } from "../../configuration/listen-address.js";
import type { HttpListener } from "../http-message.js";
import type { ConnectionLimit } from "./connection-limit.js";
import { HEADERS_TIMEOUT_MS } from "./limits.js";
import { HTTP1_OPTIONS, openPort, type Port } from "./port.js";

/** What a port with TLS needs beside its address. */
export interface TlsSettings {
  /** The PEM file of the certificate, and those of the authorities between it and the root. */
  cert: string;
  /** The PEM file of the certificate's key. */
  key: string;
  /** How long browsers may use nothing but TLS for this host, in milliseconds; undefined leaves it to them. */
  hsts?: number | undefined;
}

/** A port with TLS. */
export interface TlsPort extends Port {
  /**
   * Reloads the certificate, for connections to come. Those that are open keep theirs.
   * @throws Error when it cannot be read; the one in use stays
   */
  reloadCertificate(): void;
}

/**
 * Every suite of TLS 1.3, and those of TLS 1.2 with forward secrecy (ECDHE) and authenticated encryption
 * (AEAD), as RFC 9325 section 4.2 recommends.
 */
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** Opens a port for HTTP/1.1 and HTTP/2 over TLS, told apart by ALPN (RFC 7301). */
export async function openTlsPort(
  address: ListenAddress,
  settings: TlsSettings,
  listener: HttpListener,
  admit?: ConnectionLimit,
): Promise<TlsPort> {
  const server = createServer({
    ...HTTP1_OPTIONS,
    ...secureContext(settings),
    ALPNProtocols: ["h2", "http/1.1"],
    handshakeTimeout: HEADERS_TIMEOUT_MS,
  });
  const port = await openPort<TLSSocket>({
    server,
    event: "secureConnection",
    tellApart: (socket, decided) => decided(socket.alpnProtocol === "h2"),
    address,
    listener: withHsts(listener, settings.hsts),
    admit,
  });
  return {
    ...port,
    reloadCertificate: () => server.setSecureContext(secureContext(settings)),
  };
}

/** Reads the certificate. What is not set again at a reload would fall back to Node's defaults. */
function secureContext({ cert, key }: TlsSettings): SecureContextOptions {
  const files = { cert: readFileSync(cert), key: readFileSync(key) };
  return { ...files, minVersion: "TLSv1.2", ciphers: CIPHERS };
}

/** Adds the header by which browsers use TLS alone (RFC 6797 section 7.2: it is sent over TLS only). */
function withHsts(listener: HttpListener, hstsMs: number | undefined): HttpListener {
  if (hstsMs === undefined) return listener;
  return (request, response) => {
    response.setHeader("Strict-Transport-Security", `max-age=${Math.floor(hstsMs / 1000)}`);
    listener(request, response);
  };
}
