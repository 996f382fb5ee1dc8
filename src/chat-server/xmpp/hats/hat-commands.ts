import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { domainOf } from "../../../jid/parts.js";
import type { IqClient } from "../connection/iq.js";
import { noSuchRoom } from "../rooms/room-visits.js";
import { type Answer, runCommand } from "../stanzas/ad-hoc-command.js";
import { isRefusal } from "../stanzas/stanza-error.js";

/** Whose hats in which room a call is about. JIDs are bare and normalised. */
export interface Wearer {
  roomJid: string;
  userJid: string;
}

/** Where a server offers the commands: on the domain of the rooms (Prosody), or on each room (ejabberd). */
export type HatCommandsAt = "domain" | "room";

/**
 * Gives a hat, which the server then shows.
 * @throws ROOM_NOT_FOUND, USER_NOT_AFFILIATED, SERVER_REFUSED, SERVER_LACKS_FEATURE
 */
export async function addHat(
  iq: IqClient,
  at: HatCommandsAt,
  wearer: Wearer,
  hatId: string,
  title: string,
  signal: AbortSignal,
): Promise<void> {
  const fields = ["title", "hat_title", "hats#title"];
  await sendCommand(iq, at, "add", wearer, hatId, [{ fields, value: title }], signal);
}

/**
 * Takes a hat away, whether or not the user has it.
 * @throws ROOM_NOT_FOUND, USER_NOT_AFFILIATED, SERVER_REFUSED, SERVER_LACKS_FEATURE
 */
export async function removeHat(
  iq: IqClient,
  at: HatCommandsAt,
  wearer: Wearer,
  hatId: string,
  signal: AbortSignal,
): Promise<void> {
  await sendCommand(iq, at, "remove", wearer, hatId, [], signal);
}

async function sendCommand(
  iq: IqClient,
  at: HatCommandsAt,
  action: "add" | "remove",
  { roomJid, userJid }: Wearer,
  hatId: string,
  more: readonly Answer[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await runCommand(iq, {
      to: at === "room" ? roomJid : domainOf(roomJid),
      node: `http://prosody.im/protocol/hats#${action}`,
      task: `${action} the hat ${hatId} of ${userJid} in ${roomJid}`,
      whenMissing:
        at === "room"
          ? "In ejabberd, set the room's option enable_hats"
          : "In Prosody, load mod_muc_hats_adhoc on the MUC component",
      answers: [
        { fields: ["user", "jid", "hats#jid"], value: userJid },
        ...(at === "domain" ? [{ fields: ["room"], value: roomJid }] : []),
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
