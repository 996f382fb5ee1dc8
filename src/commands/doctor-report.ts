import {
  CapabilityState,
  type ConfigurationFix,
  type GetCapabilitiesResponse,
  Operation,
} from "../../client/src/index.js";
import { ExitStatus } from "./exit-status.js";
import { columns, nameOf, oneLine } from "./output.js";

/** Writes for people what Doorman can do on a host, and what to configure. */
export function reportOf({ host, server, capabilities }: GetCapabilitiesResponse): string {
  if (!server?.connected) return `${host}: ${oneLine(server?.unavailableBecause ?? "")}\n`;
  const software = oneLine([server.name, server.version].filter(Boolean).join(" "));
  const rows = capabilities.map(({ operation, state, reason }) => [
    nameOf(CapabilityState, state),
    nameOf(Operation, operation).replaceAll("_", " "),
    reason,
  ]);
  const fixes = new Map(
    capabilities
      .flatMap((capability) => capability.fixes)
      .map((fix) => [JSON.stringify([fix.file, fix.section, fix.lines]), fix]),
  );
  return [
    `${host}: connected to ${software || "a server that does not say what it is"}`,
    "",
    columns([["STATE", "OPERATION", "WHY"], ...rows]),
    "",
    ...(fixes.size > 0 ? ["To be configured. What is there already is added to:", ""] : []),
    ...[...fixes.values()].map((fix) => `${textOf(fix)}\n`),
  ].join("\n");
}

/** Returns the exit status: 0 only when nothing is left to configure for any host. */
export function statusOf(looks: readonly GetCapabilitiesResponse[]): number {
  if (looks.some(({ server }) => !server?.connected)) return ExitStatus.UNAVAILABLE;
  const isIncomplete = looks
    .flatMap(({ capabilities }) => capabilities)
    .some(({ state, fixes }) => state === CapabilityState.UNAVAILABLE || fixes.length > 0);
  return isIncomplete ? ExitStatus.TO_CONFIGURE : 0;
}

function textOf({ file, section, lines }: ConfigurationFix): string {
  const where = section === "" ? oneLine(file) : `${oneLine(file)}, in ${oneLine(section)}`;
  const indented = lines
    .split("\n")
    .map((line) => `    ${line.split("\t").map(oneLine).join("    ")}`);
  return [`${where}:`, ...indented].join("\n");
}
