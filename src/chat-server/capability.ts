import { create } from "@bufbuild/protobuf";
import {
  type Capability,
  CapabilitySchema,
  CapabilityState,
  type ConfigurationFix,
  ConfigurationFixSchema,
  type Operation,
} from "../../gen/doorman/v1/server_pb.js";

/** Is what was found out about an operation, or about one of the things that it needs. */
export type Finding = Pick<Capability, "state" | "reason" | "fixes">;

/** Only on evidence. @param reason a sentence without its full stop, as for the others */
export function ready(reason: string): Finding {
  return { state: CapabilityState.READY, reason, fixes: [] };
}

/** What works in part, or what cannot be seen. */
export function degraded(reason: string, ...fixes: ConfigurationFix[]): Finding {
  return { state: CapabilityState.DEGRADED, reason, fixes };
}

/** What does not work. */
export function unavailable(reason: string, ...fixes: ConfigurationFix[]): Finding {
  return { state: CapabilityState.UNAVAILABLE, reason, fixes };
}

/** What the server cannot do, whatever is configured. */
export function unsupported(reason: string): Finding {
  return { state: CapabilityState.UNSUPPORTED, reason, fixes: [] };
}

/**
 * Makes one finding of all that an operation needs: it is as good as the worst of them. Where one is
 * unsupported, what could be configured for the others does not help.
 */
export function together(findings: readonly Finding[]): Finding {
  const state = Math.max(...findings.map((finding) => finding.state));
  const worst = findings.filter((finding) => finding.state === state);
  const isHopeless = state === CapabilityState.UNSUPPORTED;
  const fixes = new Map(
    findings
      .flatMap((finding) => (isHopeless ? [] : finding.fixes))
      .map((fix) => [JSON.stringify(fix), fix]),
  );
  // What several of them need is said once.
  const reasons = worst.flatMap((finding) => finding.reason.split("; "));
  const reason = [...new Set(reasons)].join("; ");
  return { state, reason, fixes: [...fixes.values()] };
}

/** Says the same of each operation. */
export function ofEach(
  operations: readonly Operation[],
  { state, reason, fixes }: Finding,
): Capability[] {
  return operations.map((operation) =>
    create(CapabilitySchema, { operation, state, reason, fixes }),
  );
}

/** @param lines with the indentation that they have in the file, from the first column on */
export function fix(file: string, section: string, ...lines: string[]): ConfigurationFix {
  return create(ConfigurationFixSchema, { file, section, lines: lines.join("\n") });
}
