import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import type { IqClient } from "../connection/iq.js";
import { noSuchRoom } from "../rooms/no-such-room.js";
import { type Answer, runCommand, runListCommand } from "../stanzas/ad-hoc-command.js";
import type { DataForm } from "../stanzas/data-form.js";
import { isRefusal } from "../stanzas/stanza-error.js";
import { notAffiliated, type Wearer } from "./hat-dialect.js";
import { noHatsIn } from "./no-hats.js";

export interface HatCommand extends Wearer {
  /** The room, or its domain. */
  to: string;
  node: string;
  hatId: string;
  /** What it does, for errors: "add" or "remove". */
  action: string;
  answers: readonly Answer[];
  signal: AbortSignal;
}

const WHEN_MISSING = "Load its module for hats again, or switch the room's hats on again";

/** Runs a command that changes hats, and tells from one another the ways in which servers refuse it. */
export async function runHatCommand(
  iq: IqClient,
  { to, node, action, hatId, roomJid, userJid, answers, signal }: HatCommand,
): Promise<void> {
  try {
    await runCommand(iq, {
      to,
      node,
      task: `${action} the hat ${hatId} of ${userJid} in ${roomJid}`,
      whenMissing: WHEN_MISSING,
      answers,
      signal,
      // The ledger is to know what became of it.
      outlivesCaller: true,
    });
  } catch (error) {
    throw await meaningOf(iq, error, { roomJid, userJid }, signal);
  }
}

/** Runs a room's command that lists hats, and answers its rows. */
export async function runHatList(
  iq: IqClient,
  roomJid: string,
  node: string,
  signal: AbortSignal,
): Promise<DataForm[]> {
  try {
    return await runListCommand(iq, {
      to: roomJid,
      node,
      task: `list the hats in ${roomJid}`,
      whenMissing: WHEN_MISSING,
      answers: [],
      signal,
    });
  } catch (error) {
    // What ejabberd says while the room's hats are off.
    throw isRefusal(error, "forbidden") ? await noHatsIn(iq, roomJid, signal) : error;
  }
}

/** Says by name what has become untrue since Doorman looked. */
async function meaningOf(
  iq: IqClient,
  error: unknown,
  { roomJid, userJid }: Wearer,
  signal: AbortSignal,
): Promise<unknown> {
  // ejabberd, with hats switched off in the room or too many of them.
  if (isRefusal(error, "forbidden")) return await noHatsIn(iq, roomJid, signal);
  if (isRefusal(error, "not-allowed")) {
    return new DoormanError(
      ErrorReason.HAT_LIMIT_REACHED,
      `The chat server lets ${userJid} have no more hats in ${roomJid}: take one away first. ejabberd has room for 10 hats a user, and for 100 users with hats in a room`,
      { stanza: error.stanza },
    );
  }
  // Prosody's module says it in words.
  if (!isRefusal(error, "undefined-condition")) return error;
  const { text } = error.stanza;
  if (/no such room/i.test(text)) return noSuchRoom(roomJid);
  if (/not affiliated/i.test(text)) return notAffiliated(roomJid, userJid);
  return error;
}
