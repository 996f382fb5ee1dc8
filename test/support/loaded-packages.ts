import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { doorman } from "./run-command.js";

/** Runs `doorman ARGUMENTS` to its end, and returns the names of the packages that it loaded, sorted. */
export async function packagesLoadedBy(...parameters: string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  try {
    // Node.js writes down which scripts a process had loaded when it ends.
    const { status, stderr } = await doorman(parameters, { env: { NODE_V8_COVERAGE: folder } });
    assert.is(status, 0, stderr);
    return packagesIn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the names of the packages in what Node.js wrote into a folder given as NODE_V8_COVERAGE, sorted. */
export function packagesIn(folder: string): string[] {
  const urls = readdirSync(folder).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    return (result as { url: string }[]).map(({ url }) => url);
  });
  assert.ok(urls.some((url) => url.endsWith("/dist/src/main.js")));
  const names = urls.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
