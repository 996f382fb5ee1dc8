import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type ContextValues, createContextKey } from "@connectrpc/connect";
import type { Logger } from "pino";
import { ErrorDetailSchema, ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { recordKey } from "../../log/request-record.js";

/** How a call ended, as the log has it. */
export interface CallOutcome {
  code: string;
  reason?: string | undefined;
}

/** Carries how a call ended by Doorman's own word; undefined while its message has not been read. */
export const outcomeKey = createContextKey<CallOutcome | undefined>(undefined, {
  description: "how the call ended",
});

/** Answers how a call ended that failed with an error as callers see it. */
export function outcomeOf(error: unknown): CallOutcome {
  const failure = ConnectError.from(error, Code.Internal);
  const [detail] = failure.findDetails(ErrorDetailSchema);
  return { code: Code[failure.code], reason: detail && ErrorReason[detail.reason] };
}

/**
 * Prepares the one line that a call gets in the log: method, key id, address, subject, code, status and
 * duration.
 * @param method undefined for a path that no method has. The path itself may hold what somebody pasted
 * @returns what writes the line, at its first call; without a status the caller went away
 */
export function callLine(
  log: Logger,
  method: DescMethod | undefined,
  contextValues: ContextValues,
): (status?: number) => void {
  const start = performance.now();
  let isWritten = false;
  return (status) => {
    if (isWritten) return;
    isWritten = true;
    const { code, reason } = contextValues.get(outcomeKey) ?? { code: Code[Code.Canceled] };
    const rpc = method ? `${method.parent.typeName}/${method.name}` : "(no method)";
    const ms = Math.round(performance.now() - start);
    log.info({ rpc, ...contextValues.get(recordKey).fields(), code, reason, status, ms }, "call");
  };
}
