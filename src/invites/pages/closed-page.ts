import { html } from "hono/html";
import { type Html, page, type Visit } from "./layout.js";
import { duration, rich } from "./translation.js";

/** Why a visitor cannot have what the link leads to. */
export type Closed = "unknown" | "redeemed" | "expired" | "revoked";

/** Returns the page that says why an invite is not open, and what to do. */
export function closedPage(why: Closed, visit: Visit): Html {
  const { texts } = visit.language;
  const advice = why === "unknown" ? texts.unknown_advice : texts.gone_advice;
  return messagePage(texts[why], html`${advice}`, visit);
}

/** Returns the page for a visitor who tried too many unknown links, or sent too many wrong forms. */
export function tooManyPage(waitSeconds: number, visit: Visit): Html {
  const { texts } = visit.language;
  const wait = duration(waitSeconds * 1_000, visit.language);
  return messagePage(texts.too_many, rich(texts.too_many_advice, { duration: wait }), visit);
}

/** Returns the page for a form that did not come from our pages. */
export function staleFormPage(visit: Visit): Html {
  const { texts } = visit.language;
  return messagePage(texts.form_stale, html`${texts.form_stale_advice}`, visit);
}

/** Returns the page for a form that is larger than any that a person fills in. */
export function formTooLargePage(visit: Visit): Html {
  const { texts } = visit.language;
  return messagePage(texts.form_too_large, html`${texts.form_stale_advice}`, visit);
}

function messagePage(heading: string, advice: Html, visit: Visit): Html {
  const body = html`<h1>${heading}</h1>\n<p>${advice}</p>`;
  return page({ visit, title: heading, body, isNarrow: true });
}
