import { createHmac } from "node:crypto";
import type { Context } from "hono";
import { equalInConstantTime } from "../../crypto/digest.js";
import type { Found } from "./find-invite.js";

/**
 * Makes what a form carries to show that one of our pages wrote it, for this invite. The invite's id is
 * the key, which no page shows: every process that has the invite knows it, and the form lasts as long as
 * the link.
 */
export function formToken({ invite, token }: Found): string {
  return createHmac("sha256", invite.id).update(`form ${token}`).digest("base64url");
}

/** Whether a form carries the token of this invite. */
export function hasFormToken(found: Found, form: URLSearchParams): boolean {
  return equalInConstantTime(form.get("form_token") ?? "", formToken(found));
}

/**
 * Whether a browser says that another page sent the form. Where there is no TLS it says nothing, and for
 * a page without referrer its Origin is null; the token is asked for in any case.
 */
export function cameFromElsewhere(context: Context, publicUrl: string): boolean {
  const site = context.req.header("Sec-Fetch-Site");
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const origin = context.req.header("Origin");
  if (origin === undefined || origin === "null") return false;
  const ours = [publicUrl, context.req.url].map((url) => new URL(url).host);
  return !URL.canParse(origin) || !ours.includes(new URL(origin).host);
}
