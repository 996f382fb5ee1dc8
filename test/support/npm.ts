import { join } from "node:path";
import * as assert from "uvu/assert";
import { PATIENCE_MS } from "./patience.js";
import { run } from "./run-command.js";

/**
 * Packs the package in a folder of the checkout, and returns the tarball. npm does not build it before: that
 * would write under other tests that run now.
 */
export async function packPackage(packageFolder: string, destination: string): Promise<string> {
  const options = ["--ignore-scripts", "--silent", "--pack-destination", destination];
  return join(destination, (await succeed(packageFolder, "npm", "pack", ...options)).trim());
}

/** Runs a program in a folder to its end, and returns what it printed. Fails when it fails. */
export async function succeed(
  folder: string,
  command: string,
  ...parameters: string[]
): Promise<string> {
  const options = { cwd: folder, timeoutMs: PATIENCE_MS };
  const { status, stdout, stderr } = await run(command, parameters, options);
  assert.is(status, 0, `${command} ${parameters.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}
