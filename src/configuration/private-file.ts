import { statSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigurationError } from "./configuration-error.js";

/** What nobody but the owner may do: mode 0600 at the most. */
export const OWNER_ALONE = 0o077;
/**
 * What others may not do with a file that the owner's group may read: mode 0640 at the most. Secrets of
 * systemd and of packages are like this.
 */
export const OWNER_AND_READING_GROUP = 0o037;

/**
 * Makes sure that files with secrets are not open to others. Files that do not exist are passed over, and
 * so are platforms without modes.
 * @param forbidden the bits of the mode that may not be set
 * @param holds what they hold, for the error: "invite tokens"
 * @throws ConfigurationError naming the files and the command that closes them
 */
export function requirePrivate(files: readonly string[], forbidden: number, holds: string): void {
  if (process.platform === "win32") return;
  const open = files.filter((file) => {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & forbidden) !== 0;
  });
  if (open.length === 0) return;
  const names = open.map((file) => resolve(file)).join(" ");
  throw new ConfigurationError(
    `others may read or write ${names}, which holds ${holds}: run chmod 600 ${names}`,
  );
}
