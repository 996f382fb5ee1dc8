import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";

/** Makes the error for a request that was sent and not answered. @param task what Doorman was doing, "kick Bob" */
export function noAnswer(task: string, why: string): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_NO_ANSWER,
    `Doorman asked the chat server to ${task}, but ${why}: it may or may not have happened`,
  );
}
