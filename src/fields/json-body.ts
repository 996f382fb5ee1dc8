import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { readAtMost } from "../limits/read-bounded.js";

/** How deep arrays and objects may be nested: JSON.parse takes ten times as long for what is nothing else. */
const MAX_DEPTH = 16;

/**
 * Reads the body of a request as JSON whatever its content type says, as `curl -d` without a header
 * sends it; undefined when it is not JSON in UTF-8. Call it after the key was checked: what a refused
 * caller sends is not read.
 * @throws HTTPException with status 413 for a body of more than `maxKiB`
 */
export async function readJson(context: Context, maxKiB: number): Promise<unknown> {
  const maxBytes = maxKiB * 1024;
  const announced = Number(context.req.header("Content-Length") ?? 0);
  const bytes = announced > maxBytes ? undefined : await readAtMost(context.req.raw.body, maxBytes);
  if (bytes === undefined) {
    // The rest of the body is not read, so no other request can follow on the connection.
    context.header("Connection", "close");
    const limit = maxKiB < 1024 ? `${maxKiB} KiB` : `${maxKiB / 1024} MiB`;
    throw new HTTPException(413, { message: `The body is larger than ${limit}` });
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return isNestedDeeperThan(MAX_DEPTH, text) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
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
