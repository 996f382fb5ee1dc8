import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The Debian release whose chat servers a test runs: 12 is the machine's own packages. */
export type DebianRelease = "12" | "13";

export const DEBIAN_RELEASES: readonly DebianRelease[] = ["12", "13"];

/** Where scripts/install-debian-13 puts Debian 13. */
const DEBIAN_13 = process.env.DOORMAN_TEST_DEBIAN_13 || "/var/cache/doorman/debian-13";
/** What DOORMAN_TEST_DEBIAN_13 is where CI tests those servers in another part. */
const LEFT_OUT = "none";

/** Returns the folder that the release's programs see as "/". */
export function rootOf(release: DebianRelease): string {
  return release === "12" ? "/" : DEBIAN_13;
}

/** Whether a test may run programs of the release: those of another root take the rights of root. */
export function canRun(release: DebianRelease): boolean {
  return release === "12" || (existsSync(DEBIAN_13) && process.getuid?.() === 0);
}

/** Returns the folder for temporary files that the release's programs can read. */
export function temporaryFolderOf(release: DebianRelease): string {
  return release === "12" ? tmpdir() : join(DEBIAN_13, "tmp");
}

/** Returns a path as the release's programs see it. */
export function pathInside(release: DebianRelease, path: string): string {
  return release === "12" ? path : path.slice(DEBIAN_13.length);
}

/** Returns how a program of the release is started. Signals reach the program itself: chroot executes it. */
export function commandOf(
  release: DebianRelease,
  program: string,
  words: readonly string[],
): [command: string, words: string[]] {
  return release === "12" ? [program, [...words]] : ["chroot", [DEBIAN_13, program, ...words]];
}

/** Whether a missing server of the release is a failure: in CI, unless it was left out by name. */
export function isRequired(release: DebianRelease): boolean {
  return Boolean(process.env.CI) && rootOf(release) !== LEFT_OUT;
}

/** Names the script that installs the release's servers. */
export function installerOf(release: DebianRelease): string {
  return release === "12" ? "scripts/install-servers" : "scripts/install-debian-13";
}
