/** How deep arrays and objects may be nested: JSON.parse takes ten times as long for what is nothing else. */
const MAX_DEPTH = 16;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Returns the text of a JSON message, for JSON.parse.
 * @throws TypeError when it is not UTF-8, and when it is nested too deep to be parsed
 */
export function decodeJson(bytes?: Uint8Array): string {
  const text = utf8.decode(bytes);
  if (isNestedDeeperThan(MAX_DEPTH, text)) {
    throw new TypeError(`The JSON has arrays or objects nested more than ${MAX_DEPTH} deep`);
  }
  return text;
}

/** Returns whether a JSON text opens more than a number of arrays and objects inside each other. */
function isNestedDeeperThan(maxDepth: number, json: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (isInString) {
      if (character === "\\") index += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}
