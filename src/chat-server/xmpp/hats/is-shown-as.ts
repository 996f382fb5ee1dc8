import type { HatAttachment } from "../../../../gen/doorman/v1/hat_pb.js";

/**
 * Tells whether a hat is shown as it should be. Servers may show a title of their own for a hat that is
 * given without one.
 * @param wanted undefined: no such hat
 * @param shownTitle undefined: it is not shown
 */
export function isShownAs(
  wanted: HatAttachment | undefined,
  shownTitle: string | undefined,
): boolean {
  if (!wanted?.active) return shownTitle === undefined;
  return shownTitle !== undefined && (wanted.title === "" || wanted.title === shownTitle);
}
