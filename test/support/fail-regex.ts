import { readFileSync } from "node:fs";

// From dist/test/support, where the compiler puts this file.
const LOG_MD = new URL("../../../docs/log.md", import.meta.url);

/** Returns the failregex of docs/log.md. Its group is the address, as fail2ban's <HOST> is. */
export function failRegex(): RegExp {
  const [, regex] = /^failregex = (.+)$/m.exec(readFileSync(LOG_MD, "utf8")) ?? [];
  if (regex === undefined) throw new Error("docs/log.md has no failregex");
  return new RegExp(regex.replace("<HOST>", "([\\d.]+|[\\da-f:]+)"));
}
