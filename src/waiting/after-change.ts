import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../errors/doorman-error.js";
import { NotBegun } from "./not-begun.js";

/**
 * Does what follows a change that the chat server was asked for, such as the next of several. Failures
 * that tell callers that nothing was done would then be untrue, and become SERVER_NO_ANSWER.
 * @param task what the change was: "change the roster of john@example.com"
 */
export function afterChange<T>(task: string, work: () => Promise<T>): Promise<T> {
  return orUncertain(task, work, saysNothingWasDone);
}

/**
 * Reads back whether a change that the chat server was asked for is there. When that fails, the change
 * may be there all the same: whatever the failure was, callers hear SERVER_NO_ANSWER.
 * @throws CHANGE_NOT_APPLIED as it is
 */
export function readBack<T>(task: string, work: () => Promise<T>): Promise<T> {
  return orUncertain(task, work, ({ reason }) => reason !== ErrorReason.CHANGE_NOT_APPLIED);
}

async function orUncertain<T>(
  task: string,
  work: () => Promise<T>,
  isUncertain: (error: DoormanError) => boolean,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DoormanError) || !isUncertain(error)) throw error;
    throw new DoormanError(
      ErrorReason.SERVER_NO_ANSWER,
      `Doorman asked the chat server to ${task} and could not finish: some or all of it may have happened`,
      { metadata: error.metadata, cause: error },
    );
  }
}

function saysNothingWasDone(error: DoormanError): boolean {
  const { SERVER_UNAVAILABLE, TOO_MANY_CALLS } = ErrorReason;
  return (
    error instanceof NotBegun ||
    error.reason === SERVER_UNAVAILABLE ||
    error.reason === TOO_MANY_CALLS
  );
}
