import type { HatAttachment } from "../../../../gen/doorman/v1/hat_pb.js";
import { isHatId } from "../../../fields/text.js";
import type { RoomHats } from "./hat-dialect.js";

/** One hat of a list, by the names that the list gives its columns. */
export interface HatRow {
  userJid: string;
  uriColumn: string;
  titleColumn: string;
}

type Column = "uriColumn" | "titleColumn";

/** More than all shapes together can weigh: a list has at most 100 users with 10 hats. */
const KNOWN = 10_000;

/**
 * Reads a list whose columns may be called by each other's names: every released ejabberd that has
 * this list writes the URI under `hat_title` and the title under `hat_uri`, and one that is mended
 * would not. The whole list is read one way or the other. First counts which way shows hats as
 * Doorman gave them; then which way has URIs for ids; and where nothing tells, what was released.
 * @param given the hats that Doorman gave, by user and hat id
 */
export function readHatRows(
  rows: readonly HatRow[],
  given: ReadonlyMap<string, ReadonlyMap<string, HatAttachment>>,
): RoomHats {
  function likelihood(ids: Column, titles: Column): number {
    const points = rows.map((row) => {
      const attachment = given.get(row.userJid)?.get(row[ids]);
      const isKnown = attachment?.active && attachment.title === row[titles];
      return (isKnown ? KNOWN : 0) + (isHatId(row[ids]) ? 1 : 0);
    });
    return points.reduce((sum, more) => sum + more, 0);
  }
  const isMended = likelihood("uriColumn", "titleColumn") > likelihood("titleColumn", "uriColumn");
  const hats = new Map<string, Map<string, string>>();
  for (const { userJid, uriColumn, titleColumn } of rows) {
    const ofUser = hats.get(userJid) ?? new Map<string, string>();
    if (isMended) ofUser.set(uriColumn, titleColumn);
    else ofUser.set(titleColumn, uriColumn);
    hats.set(userJid, ofUser);
  }
  return hats;
}
