import { spawnSync } from "node:child_process";
import { PATIENCE_MS } from "./patience.js";

/**
 * Whether a suite can generate and build a client: each command must succeed. Where one does not
 * the suite is reported as skipped by name, but in CI it fails.
 */
export function sdkToolsAreThere(suiteName: string, commands: readonly string[][]): boolean {
  const missing = commands.find(([file = "", ...parameters]) => {
    const { status } = spawnSync(file, parameters, { stdio: "ignore", timeout: PATIENCE_MS });
    return status !== 0;
  });
  if (missing === undefined) return true;
  const what = `\`${missing.join(" ")}\` fails`;
  if (process.env.CI) throw new Error(`${suiteName}: ${what}: run scripts/install-servers`);
  console.log(`skipped: ${suiteName} (${what}; scripts/install-servers brings what it needs)`);
  return false;
}
