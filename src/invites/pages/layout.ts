import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { PagesConfiguration } from "../../configuration/pages.js";
import type { Platform } from "./chat-clients.js";
import { STYLE } from "./style.js";
import type { Language } from "./translation.js";

/** A piece of a page, with everything in it escaped. */
export type Html = ReturnType<typeof html>;

/** What all pages of one Doorman have in common. */
export interface Site {
  /** What the operator configured for the pages. */
  settings: PagesConfiguration;
  /** Where Doorman's pages are, without a final slash. */
  publicUrl: string;
  /** Whether accounts exist in the sandbox alone, where nobody can log in. */
  isSandbox: boolean;
}

/** What a page is made for: one visitor of a site. */
export interface Visit extends Site {
  language: Language;
  /** Undefined when the browser does not say. */
  platform: Platform | undefined;
}

/**
 * What an app shows when somebody pastes a link into a chat (Open Graph). It never has the page's address,
 * which has the invite's token.
 */
export interface Preview {
  title: string;
  description: string;
  host: string;
}

/** The style as a Content-Security-Policy names it. */
export const STYLE_HASH = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;

const DOOR = html`<svg class="door" viewBox="0 0 48 48" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"><path d="M8 43h32M13 43V9a3 3 0 0 1 3-3h16a3 3 0 0 1 3 3v34"/><path d="M13 43V7l14 5v31" fill="currentColor" fill-opacity=".16"/><path d="M22.500 26v4"/></svg>`;

/** Returns a whole page. It loads nothing but the script, when it has one. */
export function page({
  visit,
  title,
  preview,
  body,
  isNarrow = false,
  script,
}: {
  visit: Visit;
  title: string;
  preview?: Preview;
  body: Html;
  isNarrow?: boolean;
  /** Relative to the page's address. */
  script?: string;
}): Html {
  const { tag, texts } = visit.language;
  const { site_name, privacy_url } = visit.settings;
  return html`<!doctype html>
<html lang="${tag}" dir="${texts.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
<title>${site_name === undefined ? title : `${title} – ${site_name}`}</title>
${preview === undefined ? "" : previewTags(preview, site_name)}<link rel="icon" href="data:,">
<style>${raw(STYLE)}</style>
${
  script === undefined
    ? ""
    : html`<script src="${script}" defer></script>
`
}</head>
<body>
<main${raw(isNarrow ? ' class="narrow"' : "")}>
<p class="site">${DOOR}${site_name === undefined ? "" : html` <bdi>${site_name}</bdi>`}</p>
${body}
</main>
${
  privacy_url === undefined
    ? ""
    : html`<footer><a href="${privacy_url}" rel="noopener">${texts.privacy}</a></footer>
`
}</body>
</html>
`;
}

function previewTags({ title, description, host }: Preview, siteName = host): Html {
  return html`<meta name="description" content="${description}">
<meta property="og:type" content="website">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${description}">
<meta property="og:site_name" content="${siteName}">
`;
}
