import { prosodyInstalled } from "./prosody.js";

/**
 * Whether a suite can run on a real Prosody. Where there is none the suite is reported as skipped by
 * name, but in CI it fails.
 */
export function prosodyIsThere(suiteName: string): boolean {
  if (prosodyInstalled()) return true;
  if (process.env.CI) throw new Error(`${suiteName} needs Prosody: run scripts/install-servers`);
  console.log(`skipped: ${suiteName} (no Prosody here; scripts/install-servers brings it)`);
  return false;
}
