import { execFileSync } from "node:child_process";

/** Writes a new self-signed certificate for localhost, cert.pem, and its key, key.pem. */
export function writeCertificate(folder: string): void {
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", "key.pem", "-out", "cert.pem", "-days", "1", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ],
    { cwd: folder, stdio: "ignore" },
  );
}
