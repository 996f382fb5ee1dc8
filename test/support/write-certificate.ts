import { execFileSync } from "node:child_process";

const LOCALHOST = "DNS:localhost,IP:127.0.0.1";

/**
 * Writes a new self-signed certificate, cert.pem, and its key, key.pem.
 * @param names the subjectAltName, as OpenSSL writes it
 */
export function writeCertificate(folder: string, names = LOCALHOST): void {
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", "key.pem", "-out", "cert.pem", "-days", "1", "-subj", "/CN=localhost"],
      ...["-addext", `subjectAltName=${names}`],
    ],
    { cwd: folder, stdio: "ignore" },
  );
}
