import { bodyLimit } from "hono/body-limit";

/** Refuses what is larger than any form that somebody filled in. */
export const formLimit = bodyLimit({
  maxSize: 16 * 1024,
  // The rest of the body will not be read, so that nothing can follow it.
  onError: (context) =>
    context.json({ error: "The form is larger than 16 KiB" }, 413, { Connection: "close" }),
});
