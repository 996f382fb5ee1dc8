import type { Logger } from "pino";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "./doorman-error.js";

/** Logs what Doorman did not foresee, and makes the error for callers, to whom it stays opaque. */
export function unforeseen(error: unknown, log: Logger): DoormanError {
  log.error({ err: error }, "unforeseen fault");
  return new DoormanError(ErrorReason.INTERNAL, "Doorman failed; its log says why", {
    cause: error,
  });
}
