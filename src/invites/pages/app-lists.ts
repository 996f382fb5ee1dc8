import { html } from "hono/html";
import { CHAT_CLIENTS, type ChatClient, PLATFORMS, type Platform } from "./chat-clients.js";
import type { Html, Visit } from "./layout.js";
import { plain } from "./translation.js";

/** Returns the apps that the pages offer: the operator's choice, with a web client of their own first. */
export function offeredApps({ settings, language }: Visit, host: string): readonly ChatClient[] {
  const { apps = CHAT_CLIENTS, web_chat_url, site_name = host } = settings;
  if (web_chat_url === undefined) return apps;
  const from = language.texts.web_chat;
  return [{ name: site_name, platform: "web", from, url: web_chat_url }, ...apps];
}

/** Lists the apps for the visitor's platform, and in a closed section those for all others. */
export function appLists(visit: Visit, host: string): Html | string {
  const { texts } = visit.language;
  const apps = offeredApps(visit, host);
  if (apps.length === 0) return "";
  const offered = PLATFORMS.filter((one) => apps.some(({ platform }) => platform === one));
  const section = (one: Platform) => html`<h3>${texts[one]}</h3>${appList(apps, one)}`;
  const mine = offered.find((one) => one === visit.platform);
  if (mine === undefined) return html`<h2>${texts.apps}</h2>${offered.map(section)}`;
  const others = offered.filter((one) => one !== mine);
  return html`<h2>${plain(texts.apps_for, { platform: texts[mine] })}</h2>
${appList(apps, mine)}
${
  others.length === 0
    ? ""
    : html`<details><summary>${texts.apps_elsewhere}</summary>${others.map(section)}</details>`
}`;
}

function appList(apps: readonly ChatClient[], platform: Platform): Html {
  const those = apps.filter((app) => app.platform === platform);
  return html`<ul class="apps">${those.map(
    ({ name, from, url }) =>
      html`<li><a href="${url}" rel="noopener"><span><bdi>${name}</bdi>${from === undefined ? "" : html` <span class="soft">${from}</span>`}</span></a></li>`,
  )}</ul>`;
}
