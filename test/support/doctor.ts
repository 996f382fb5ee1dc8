import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CapabilityState,
  type ConfigurationFix,
  Operation,
} from "../../gen/doorman/v1/server_pb.js";
import type { GetCapabilitiesResponse } from "../../gen/doorman/v1/server_service_pb.js";
import { lookFromHere } from "../../src/commands/look-from-here.js";
import { PATIENCE_MS } from "./patience.js";

/** Writes a configuration with the password beside it, does something with it, and removes both. */
export async function withConfiguration<T>(
  doormanYaml: string,
  password: string,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  try {
    const file = join(folder, "doorman.yaml");
    writeFileSync(file, doormanYaml);
    writeFileSync(join(folder, "password.txt"), `${password}\n`, { mode: 0o600 });
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Looks at a host as `doorman doctor --config` does. */
export function diagnose(
  doormanYaml: string,
  password: string,
  host: string,
): Promise<GetCapabilitiesResponse> {
  return withConfiguration(doormanYaml, password, async (file) => {
    const [look] = await lookFromHere(file, host, PATIENCE_MS);
    if (look === undefined) throw new Error(`${host} was not looked at`);
    return look;
  });
}

/** Names the operations that are to be configured: what is unavailable, and what has lines to add. */
export function toConfigure({ capabilities }: GetCapabilitiesResponse): string[] {
  return capabilities
    .filter(({ state, fixes }) => state === CapabilityState.UNAVAILABLE || fixes.length > 0)
    .map(({ operation }) => Operation[operation]);
}

/** Answers all lines to add, each once. */
export function fixesOf({ capabilities }: GetCapabilitiesResponse): ConfigurationFix[] {
  const fixes = capabilities.flatMap((capability) => capability.fixes);
  return [
    ...new Map(
      fixes.map((fix) => [JSON.stringify([fix.file, fix.section, fix.lines]), fix]),
    ).values(),
  ];
}
