import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";

export function noSuchRoom(roomJid: string): DoormanError {
  return new DoormanError(ErrorReason.ROOM_NOT_FOUND, `There is no room ${roomJid}`);
}
