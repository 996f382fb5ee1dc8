import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../errors/doorman-error.js";

/** Says that the time for something was over before it was begun, so that it cannot have happened. */
export class NotBegun extends DoormanError {
  /** @param task what was to be done: "kick Bob" */
  constructor(task: string, why: string) {
    super(
      ErrorReason.SERVER_NO_ANSWER,
      `It was too late to ${task}, because ${why}: that was not begun`,
    );
  }
}

/**
 * Is called before something is begun that others may see.
 * @throws NotBegun when the caller has gone or the call's time is over
 */
export function requireCaller(task: string, signal: AbortSignal): void {
  if (signal.aborted) throw new NotBegun(task, "the call's time was over");
}
