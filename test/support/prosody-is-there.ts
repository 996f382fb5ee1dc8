import { type DebianRelease, installerOf, isRequired } from "./debian-release.js";
import { prosodyInstalled } from "./prosody.js";

/**
 * Whether a suite can run on a real Prosody. Where there is none the suite is reported as skipped by
 * name, but in CI it fails.
 */
export function prosodyIsThere(suiteName: string, release: DebianRelease = "12"): boolean {
  if (prosodyInstalled(release)) return true;
  const installer = installerOf(release);
  if (isRequired(release)) throw new Error(`${suiteName} needs Prosody: run ${installer}`);
  console.log(`skipped: ${suiteName} (no such Prosody here; ${installer} installs it)`);
  return false;
}
