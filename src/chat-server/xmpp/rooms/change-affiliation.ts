import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { Affiliation } from "../../../../gen/doorman/v1/room_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { afterChange } from "../../../waiting/after-change.js";
import type { IqClient } from "../connection/iq.js";
import { isRefusal, refused } from "../stanzas/stanza-error.js";
import { noSuchRoom } from "./no-such-room.js";
import { requireOwner } from "./own-affiliation.js";
import { listAffiliated, NS_MUC_ADMIN, ROOM_ADVICE } from "./room-affiliations.js";

/** What a server keeps lists of: all but AFFILIATION_NONE. */
export const LISTED_AFFILIATIONS = [
  Affiliation.OWNER,
  Affiliation.ADMIN,
  Affiliation.MEMBER,
  Affiliation.OUTCAST,
] as const;

/** Writes an affiliation as XEP-0045 section 5.2 does. */
export function affiliationName(affiliation: Affiliation): string {
  return Affiliation[affiliation].toLowerCase();
}

export interface AffiliationChange {
  roomJid: string;
  userJid: string;
  affiliation: Affiliation;
  reason: string;
}

/**
 * Sets a user's affiliation (XEP-0045 section 9), one a request because Prosody reads no other, and
 * returns when the room's lists show it.
 * @throws ROOM_NOT_FOUND, SERVER_REFUSED, CHANGE_NOT_APPLIED
 */
export async function changeAffiliation(
  iq: IqClient,
  change: AffiliationChange,
  signal: AbortSignal,
): Promise<void> {
  const { roomJid, userJid, affiliation, reason } = change;
  const name = affiliationName(affiliation);
  const task = `make ${userJid} ${name} of ${roomJid}`;
  const item = xml("item", { jid: userJid, affiliation: name }, xml("reason", {}, reason));
  const payload = xml("query", { xmlns: NS_MUC_ADMIN }, item);
  // Who is no owner hears "forbidden" here, of which RoomOwnership makes one; the change itself would only
  // be "not-allowed" on Prosody, as it is for other reasons.
  await requireOwner(iq, roomJid, signal);
  try {
    await iq.request({ type: "set", to: roomJid, payload, task, signal });
  } catch (error) {
    if (isRefusal(error, "item-not-found", "gone")) throw noSuchRoom(roomJid);
    if (isRefusal(error, "forbidden", "not-allowed")) {
      throw refused(task, error.stanza, ROOM_ADVICE);
    }
    throw error;
  }
  await afterChange(task, async () => {
    const found = await Promise.all(
      LISTED_AFFILIATIONS.map(async (listed) => {
        const jids = await listAffiliated(iq, roomJid, affiliationName(listed), signal);
        return jids.has(userJid) === (listed === affiliation);
      }),
    );
    if (found.every((asChanged) => asChanged)) return;
    throw new DoormanError(
      ErrorReason.CHANGE_NOT_APPLIED,
      `The chat server accepted to ${task}, and its lists show something else`,
    );
  });
}
