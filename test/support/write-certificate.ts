import { execFileSync } from "node:child_process";

const LOCALHOST = "DNS:localhost,IP:127.0.0.1";
const KEY_TYPES = {
  ec: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
  rsa: ["-newkey", "rsa:2048"],
};

/**
 * Writes a new self-signed certificate, cert.pem, and its key, key.pem.
 * @param names the subjectAltName, as OpenSSL writes it
 */
export function writeCertificate(
  folder: string,
  names = LOCALHOST,
  keyType: keyof typeof KEY_TYPES = "ec",
): void {
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", ...KEY_TYPES[keyType], "-nodes"],
      ...["-keyout", "key.pem", "-out", "cert.pem", "-days", "1", "-subj", "/CN=localhost"],
      ...["-addext", `subjectAltName=${names}`],
    ],
    { cwd: folder, stdio: "ignore" },
  );
}
