import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { STYLE } from "./style.js";
import type { Language } from "./translation.js";

/** Is a piece of a page, with everything in it escaped. */
export type Html = ReturnType<typeof html>;

/** What a Content-Security-Policy knows the style by. */
export const STYLE_HASH = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;

const DOOR = html`<svg class="door" viewBox="0 0 48 48" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"><path d="M8 43h32M13 43V9a3 3 0 0 1 3-3h16a3 3 0 0 1 3 3v34"/><path d="M13 43V7l14 5v31" fill="currentColor" fill-opacity=".16"/><path d="M22.500 26v4"/></svg>`;

/** Writes a whole page. It loads nothing but the script, when it has one. */
export function page({
  language,
  title,
  body,
  isNarrow = false,
  script,
}: {
  language: Language;
  title: string;
  body: Html;
  isNarrow?: boolean;
  /** Relative to the page's address. */
  script?: string;
}): Html {
  const { tag, texts } = language;
  return html`<!doctype html>
<html lang="${tag}" dir="${texts.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(STYLE)}</style>
${
  script === undefined
    ? ""
    : html`<script src="${script}" defer></script>
`
}</head>
<body>
<main${raw(isNarrow ? ' class="narrow"' : "")}>
${DOOR}
${body}
</main>
</body>
</html>
`;
}
