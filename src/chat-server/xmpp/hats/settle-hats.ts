import { create } from "@bufbuild/protobuf";
import { type HatAttachment, HatAttachmentSchema } from "../../../../gen/doorman/v1/hat_pb.js";
import type { HatLedger } from "../../hat-ledger.js";
import type { ShownHats, Wearer } from "./hat-dialect.js";
import { isShownAs } from "./is-shown-as.js";

/**
 * Finds out what became of a user's open changes, by what the user is shown with. One that is seen to
 * be done is closed. One that is not stays open, because what was sent on a connection that broke may
 * still reach the server: until it is done, or the hat is changed again, it is looked for at each read.
 * None of the user's hats may be changed meanwhile.
 * @returns the hats that the ledger knows, those of open changes as they were seen
 */
export async function settleHats(
  ledger: HatLedger,
  { roomJid, userJid }: Wearer,
  shown: ShownHats,
): Promise<Map<string, HatAttachment>> {
  const hats = await ledger.list(roomJid, userJid);
  for (const [hatId, wanted] of await ledger.open.list(roomJid, userJid)) {
    const known = hats.get(hatId);
    const shownTitle = shown.get(hatId);
    const isDone = isShownAs(wanted, shownTitle) && !hasKeptTitle(known, wanted, shownTitle);
    const seen = isDone ? wanted : asSeen(known, wanted, shownTitle);
    if (seen === undefined) hats.delete(hatId);
    else hats.set(hatId, seen);
    if (!isDone) continue;
    await ledger.put(roomJid, userJid, hatId, wanted);
    await ledger.open.close(roomJid, userJid, hatId);
  }
  return hats;
}

/** Any title does for a hat that was to have none, except the one that was to go. */
function hasKeptTitle(
  known: HatAttachment | undefined,
  wanted: HatAttachment | undefined,
  shownTitle: string | undefined,
): boolean {
  return known?.active === true && known.title === shownTitle && known.title !== wanted?.title;
}

function asSeen(
  known: HatAttachment | undefined,
  wanted: HatAttachment | undefined,
  shownTitle: string | undefined,
): HatAttachment | undefined {
  // An inactive hat is Doorman's own affair, and is shown nowhere.
  if (shownTitle === undefined) return known?.active ? undefined : known;
  const required = (known ?? wanted)?.required ?? false;
  return create(HatAttachmentSchema, { active: true, required, title: shownTitle });
}
