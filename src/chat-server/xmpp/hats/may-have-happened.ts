import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { NotBegun } from "../../../waiting/not-begun.js";

/** Tells whether a command that failed may have been carried out, or may yet be. */
export function mayHaveHappened(error: unknown): boolean {
  if (error instanceof NotBegun) return false;
  return !(error instanceof DoormanError) || error.reason === ErrorReason.SERVER_NO_ANSWER;
}
