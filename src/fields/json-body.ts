import type { Context } from "hono";

/**
 * Reads a request's body as JSON whatever its content type says, as `curl -d` without a header sends
 * it; undefined when it is none.
 */
export async function readJson(context: Context): Promise<unknown> {
  const text = await context.req.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
