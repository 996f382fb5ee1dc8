import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../errors/doorman-error.js";

/** Says that something was not begun in the time that there was for it, so that it cannot have happened. */
export class NotBegun extends DoormanError {
  /**
   * @param task what was to be done: "kick Bob"
   * @param reason absent: SERVER_NO_ANSWER
   */
  constructor(task: string, why: string, reason: ErrorReason = ErrorReason.SERVER_NO_ANSWER) {
    super(reason, `It was too late to ${task}, because ${why}: that was not begun`);
  }
}

/**
 * Is called before something is begun that others may see.
 * @throws NotBegun when the caller has gone or the call's time is over
 */
export function requireCaller(task: string, signal: AbortSignal): void {
  if (signal.aborted) throw new NotBegun(task, "the call's time was over");
}
