import { html } from "hono/html";
import { CHAT_CLIENTS, PLATFORMS, type Platform } from "./chat-clients.js";
import type { Html } from "./layout.js";
import { type Language, plain } from "./translation.js";

/** Lists the clients for the visitor's platform, and folded up those for all others. */
export function appLists(platform: Platform | undefined, { texts }: Language): Html {
  const others = PLATFORMS.filter((other) => other !== platform);
  const sections = others.map((other) => html`<h3>${texts[other]}</h3>${appList(other)}`);
  if (platform === undefined) return html`<h2>${texts.apps}</h2>${sections}`;
  return html`<h2>${plain(texts.apps_for, { platform: texts[platform] })}</h2>
${appList(platform)}
<details><summary>${texts.apps_elsewhere}</summary>${sections}</details>`;
}

function appList(platform: Platform): Html {
  const clients = CHAT_CLIENTS.filter((client) => client.platform === platform);
  return html`<ul class="apps">${clients.map(
    ({ name, from, url }) =>
      html`<li><a href="${url}" rel="noopener"><span>${name}${from === undefined ? "" : html` <span class="soft">${from}</span>`}</span></a></li>`,
  )}</ul>`;
}
