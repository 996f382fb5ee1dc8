import { html } from "hono/html";
import type { InvitesTable } from "../../database/schema.js";
import { appLists } from "./app-lists.js";
import type { Platform } from "./chat-clients.js";
import { type Html, page } from "./layout.js";
import { qrCode } from "./qr-code.js";
import { duration, type Language, name, plain, rich, time } from "./translation.js";

/** Is what the page of an open invite shows. */
export interface Landing {
  invite: InvitesTable;
  language: Language;
  /** Where the visitor is; undefined when that is not known. */
  platform: Platform | undefined;
  isSandbox: boolean;
}

/** Writes the page that an invite's link leads to. */
export function landingPage({ invite, language, platform, isSandbox }: Landing): Html {
  const { texts } = language;
  const host = name(invite.host);
  const address = name(`${invite.username}@${invite.host}`);
  const code = qrCode(invite.uri, texts.qr_name);
  const figure = html`<figure>${code}<figcaption>${texts.qr_app}</figcaption></figure>`;
  const isPhone = platform === "android" || platform === "ios";
  const body = html`<div class="${isPhone ? "columns" : "columns two"}">
<div>
<h1>${rich(texts.invited, { host })}</h1>
<p>${rich(texts.about, { host })}</p>
${invite.username === "" ? "" : html`<p>${rich(texts.your_address, { address })}</p>`}
${isSandbox ? html`<p class="note">${texts.sandbox}</p>` : ""}
<div class="actions"><a class="button first" href="${invite.uri}">${texts.open_in_app}</a></div>
<p class="soft">${texts.open_in_app_hint}</p>
${goodUntil(invite, language)}
</div>
${isPhone ? "" : figure}
</div>
${appLists(platform, language)}
${isPhone ? html`<details><summary>${texts.other_device}</summary>${figure}</details>` : ""}`;
  return page({ language, title: plain(texts.title, { host: invite.host }), body });
}

function goodUntil({ expire_time }: InvitesTable, language: Language): Html | string {
  if (expire_time === null) return "";
  const parts = {
    duration: duration(expire_time - Date.now(), language),
    time: time(expire_time, language),
  };
  return html`<p class="soft">${rich(language.texts.good_until, parts)}</p>`;
}
