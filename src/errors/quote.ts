/** How much of what somebody sent stands in an error or in the log. */
const MAX_QUOTED_CHARACTERS = 100;
/** How much of a chat server's own words does. */
const MAX_SERVER_CHARACTERS = 500;

const LONG_WORD = new RegExp(`\\S{${MAX_QUOTED_CHARACTERS + 1},}`, "g");

/** Returns a text as errors and the log quote it: a long one ends after its first 99 characters, in "…". */
export function quoted(text: string): string {
  return cut(text, MAX_QUOTED_CHARACTERS);
}

/** Returns a chat server's own words as errors quote them: they may repeat what it was sent. */
export function quotedOfServer(text: string): string {
  return cut(withShortWords(text), MAX_SERVER_CHARACTERS);
}

/**
 * Returns a message with each of its words as `quoted` has it. JIDs, hosts and the ids of hats are words:
 * what else is quoted may have spaces, and has to go through `quoted` by itself.
 */
export function withShortWords(message: string): string {
  return message.replace(LONG_WORD, quoted);
}

function cut(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  // Not in the middle of a character that takes two places.
  return `${text.slice(0, maxCharacters - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
