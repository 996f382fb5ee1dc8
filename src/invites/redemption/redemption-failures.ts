import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { NotBegun } from "../../waiting/not-begun.js";

/** Whether the chat server may have done what failed; all other errors of its are certain. */
export function mayHaveHappened(error: unknown): boolean {
  if (!(error instanceof DoormanError)) return true;
  return error.reason === ErrorReason.SERVER_NO_ANSWER && !(error instanceof NotBegun);
}

/** Whether the chat server does not take the token of an invite that it issued. */
export function isSpent(error: unknown): boolean {
  return isReason(error, ErrorReason.INVITE_REDEEMED);
}

/** Whether the account is there already, or is about to be. */
export function isTaken(error: unknown): boolean {
  return isReason(error, ErrorReason.USERNAME_TAKEN);
}

function isReason(error: unknown, reason: ErrorReason): boolean {
  return error instanceof DoormanError && error.reason === reason;
}
