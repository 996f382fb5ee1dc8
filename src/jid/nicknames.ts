import { prepareResource } from "./stringprep.js";

/**
 * Finds a nickname among those of a room: as it is written, or else in the spelling that servers take
 * for the same (XEP-0045 section 17.1.1).
 */
export function findNickname(nicknames: Iterable<string>, wanted: string): string | undefined {
  const all = [...nicknames];
  if (all.includes(wanted)) return wanted;
  const prepared = prepareResource(wanted);
  return all.find((nickname) => prepareResource(nickname) === prepared);
}
