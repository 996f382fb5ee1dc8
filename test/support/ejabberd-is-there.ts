import { type DebianRelease, installerOf, isRequired } from "./debian-release.js";
import { ejabberdInstalled } from "./ejabberd.js";

/**
 * Whether a suite can run on a real ejabberd. Where there is none the suite is reported as skipped by
 * name, but in CI it fails.
 */
export function ejabberdIsThere(suiteName: string, release: DebianRelease = "12"): boolean {
  if (ejabberdInstalled(release)) return true;
  const installer = installerOf(release);
  if (isRequired(release)) throw new Error(`${suiteName} needs ejabberd: run ${installer}`);
  console.log(`skipped: ${suiteName} (no such ejabberd here; ${installer} installs it)`);
  return false;
}
