import { bodyLimit } from "hono/body-limit";
import { formTooLargePage } from "./closed-page.js";
import { visitOf } from "./page-headers.js";

/** Refuses what is larger than any form that somebody filled in. */
export const formLimit = bodyLimit({
  maxSize: 16 * 1024,
  // The rest of the body will not be read, so that nothing can follow it.
  onError: (context) =>
    context.html(formTooLargePage(visitOf(context)), 413, { Connection: "close" }),
});
