import { html } from "hono/html";
import { type Html, page } from "./layout.js";
import { duration, type Language, rich } from "./translation.js";

/** Is why a visitor cannot have what the link leads to. */
export type Closed = "unknown" | "redeemed" | "expired" | "revoked";

/** Writes the page that says why an invite is not open, and what to do. */
export function closedPage(why: Closed, language: Language): Html {
  const { texts } = language;
  const advice = why === "unknown" ? texts.unknown_advice : texts.gone_advice;
  return messagePage(texts[why], html`${advice}`, language);
}

/** Writes the page for a visitor who tried too often. */
export function tooManyPage(waitSeconds: number, language: Language): Html {
  const { texts } = language;
  const wait = duration(waitSeconds * 1_000, language);
  return messagePage(texts.too_many, rich(texts.too_many_advice, { duration: wait }), language);
}

/** Writes the page for a form that did not come from ours, or not by the method that ours has. */
export function staleFormPage(language: Language): Html {
  const { texts } = language;
  return messagePage(texts.form_stale, html`${texts.form_stale_advice}`, language);
}

/** Writes the page for a form that is larger than any that somebody filled in. */
export function formTooLargePage(language: Language): Html {
  const { texts } = language;
  return messagePage(texts.form_too_large, html`${texts.form_stale_advice}`, language);
}

function messagePage(heading: string, advice: Html, language: Language): Html {
  const body = html`<h1>${heading}</h1>\n<p>${advice}</p>`;
  return page({ language, title: heading, body, isNarrow: true });
}
