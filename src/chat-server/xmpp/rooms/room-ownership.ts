import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { domainOf } from "../../../jid/parts.js";
import type { IqClient } from "../connection/iq.js";
import { runCommand } from "../stanzas/ad-hoc-command.js";
import { isRefusal } from "../stanzas/stanza-error.js";

/**
 * Does what only an owner of a room may do, and becomes its owner first where Doorman's account is
 * none. Prosody 13 makes its administrators owners of no room, but lets them become it by an ad-hoc
 * command, without entering the room.
 * @param ownJid the bare JID of Doorman's account
 * @throws what the work throws, where ownership cannot be had
 */
export async function asOwner<T>(
  iq: IqClient,
  ownJid: string,
  roomJid: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error, "forbidden")) throw error;
    if (!(await gainOwnership(iq, ownJid, roomJid, signal))) throw error;
    return await work();
  }
}

/** @returns false where the server has no such command, or refuses */
async function gainOwnership(
  iq: IqClient,
  ownJid: string,
  roomJid: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await runCommand(iq, {
      to: domainOf(roomJid),
      node: "http://prosody.im/protocol/muc#set-affiliation",
      task: `make Doorman an owner of ${roomJid}`,
      whenMissing: "In Prosody, list Doorman's account in admins",
      answers: [
        { fields: ["room"], value: roomJid },
        { fields: ["jid"], value: ownJid },
        { fields: ["affiliation"], value: "owner" },
      ],
      signal,
    });
    return true;
  } catch (error) {
    if (error instanceof DoormanError && NOT_GIVEN.has(error.reason)) return false;
    throw error;
  }
}

const NOT_GIVEN: ReadonlySet<ErrorReason> = new Set([
  ErrorReason.SERVER_REFUSED,
  ErrorReason.SERVER_LACKS_FEATURE,
]);
