import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import type { ListenAddress } from "../../configuration/listen-address.js";
import type { HttpListener } from "../http-message.js";
import { HEADERS_TIMEOUT_MS } from "./limits.js";
import { HTTP1_OPTIONS, openPort, type Port } from "./port.js";

/** Are the PEM files of a certificate. */
export interface CertificateFiles {
  /** The certificate, and those of the authorities between it and the root. */
  cert: string;
  key: string;
}

/** Is a port with TLS. */
export interface TlsPort extends Port {
  /**
   * Reads the certificate anew, for connections to come. Those that are open keep theirs.
   * @throws Error when it cannot be read; the one in use stays
   */
  reloadCertificate(): void;
}

/** Opens a port for HTTP/1.1 and HTTP/2 over TLS, told apart by ALPN (RFC 7301). */
export async function openTlsPort(
  address: ListenAddress,
  files: CertificateFiles,
  listener: HttpListener,
): Promise<TlsPort> {
  const server = createServer({
    ...HTTP1_OPTIONS,
    ...readCertificate(files),
    ALPNProtocols: ["h2", "http/1.1"],
    minVersion: "TLSv1.2",
    handshakeTimeout: HEADERS_TIMEOUT_MS,
  });
  const port = await openPort<TLSSocket>({
    server,
    event: "secureConnection",
    tellApart: (socket, decided) => decided(socket.alpnProtocol === "h2"),
    address,
    listener,
  });
  return {
    ...port,
    reloadCertificate: () => server.setSecureContext(readCertificate(files)),
  };
}

function readCertificate({ cert, key }: CertificateFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
