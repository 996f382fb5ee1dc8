import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { NotBegun } from "./not-begun.js";
import { PATIENCE_MS, Semaphore } from "./semaphore.js";

/**
 * Makes the bound on what a server is asked at once. What does not get its turn within its time fails
 * with TOO_MANY_CALLS.
 */
export function outstanding(atOnce: number): Semaphore {
  return new Semaphore(
    atOnce,
    PATIENCE_MS,
    (task) =>
      new NotBegun(
        task,
        `the chat server still had ${atOnce} other questions to answer`,
        ErrorReason.TOO_MANY_CALLS,
      ),
  );
}
