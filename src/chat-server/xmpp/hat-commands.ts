import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { domainOf } from "../../jid/parts.js";
import { type Answer, runCommand } from "./ad-hoc-command.js";
import type { IqClient } from "./iq.js";
import { noSuchRoom } from "./room-visits.js";
import { isRefusal } from "./stanza-error.js";

/** Whose hats in which room a call is about. JIDs are bare and normalised. */
export interface Wearer {
  roomJid: string;
  userJid: string;
}

/**
 * Gives a hat, which the server then shows.
 * @throws ROOM_NOT_FOUND, USER_NOT_AFFILIATED, SERVER_REFUSED, SERVER_LACKS_FEATURE
 */
export async function addHat(
  iq: IqClient,
  wearer: Wearer,
  hatId: string,
  title: string,
  signal: AbortSignal,
): Promise<void> {
  const fields = ["title", "hat_title", "hats#title"];
  await sendCommand(iq, "add", wearer, hatId, [{ fields, value: title }], signal);
}

/**
 * Takes a hat away, whether or not the user has it.
 * @throws ROOM_NOT_FOUND, USER_NOT_AFFILIATED, SERVER_REFUSED, SERVER_LACKS_FEATURE
 */
export async function removeHat(
  iq: IqClient,
  wearer: Wearer,
  hatId: string,
  signal: AbortSignal,
): Promise<void> {
  await sendCommand(iq, "remove", wearer, hatId, [], signal);
}

async function sendCommand(
  iq: IqClient,
  action: "add" | "remove",
  { roomJid, userJid }: Wearer,
  hatId: string,
  more: readonly Answer[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await runCommand(iq, {
      to: domainOf(roomJid),
      node: `http://prosody.im/protocol/hats#${action}`,
      task: `${action} the hat ${hatId} of ${userJid} in ${roomJid}`,
      whenMissing: "In Prosody, load mod_muc_hats_adhoc on the MUC component",
      answers: [
        { fields: ["user", "jid", "hats#jid"], value: userJid },
        { fields: ["room"], value: roomJid },
        { fields: ["uri", "hat_uri", "hats#uri", "hat"], value: hatId },
        ...more,
      ],
      signal,
      // The ledger is to know what became of it.
      outlivesCaller: true,
    });
  } catch (error) {
    throw meaningOf(error, roomJid, userJid);
  }
}

/** The command says in words what has become untrue since Doorman looked. */
function meaningOf(error: unknown, roomJid: string, userJid: string): unknown {
  if (!isRefusal(error, "undefined-condition")) return error;
  const { text } = error.stanza;
  if (/no such room/i.test(text)) return noSuchRoom(roomJid);
  if (/not affiliated/i.test(text)) return notAffiliated(roomJid, userJid);
  return error;
}

export function notAffiliated(roomJid: string, userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.USER_NOT_AFFILIATED,
    `${userJid} is not a member, an admin or an owner of ${roomJid}: make the user a member first`,
  );
}
