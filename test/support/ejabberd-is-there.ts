import { ejabberdInstalled } from "./ejabberd.js";

/**
 * Whether a suite can run on a real ejabberd. Where there is none the suite is reported as skipped by
 * name, but in CI it fails.
 */
export function ejabberdIsThere(suiteName: string): boolean {
  if (ejabberdInstalled()) return true;
  if (process.env.CI) throw new Error(`${suiteName} needs ejabberd: run scripts/install-servers`);
  console.log(`skipped: ${suiteName} (no ejabberd here; scripts/install-servers brings it)`);
  return false;
}
