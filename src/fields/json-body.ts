import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { readAtMost } from "../limits/read-bounded.js";
import { decodeJson } from "./json-text.js";

/**
 * Reads the body of a request as JSON whatever its content type says, as `curl -d` without a header
 * sends it; undefined when it is not JSON in UTF-8, or nested too deep. Call it after the key was checked: what a refused
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
    return JSON.parse(decodeJson(bytes));
  } catch {
    return undefined;
  }
}
