import { html } from "hono/html";
import { opensAccount, type Purpose } from "../purpose.js";
import { appLists } from "./app-lists.js";
import type { Platform } from "./chat-clients.js";
import type { Found } from "./find-invite.js";
import { type Html, page } from "./layout.js";
import { qrCode } from "./qr-code.js";
import {
  duration,
  type Language,
  name,
  plain,
  rich,
  type Translation,
  time,
} from "./translation.js";

/** Is what the page of an open invite shows. */
export interface Landing extends Found {
  language: Language;
  /** Where the visitor is; undefined when that is not known. */
  platform: Platform | undefined;
  /** Where Doorman's pages are, without a final slash. */
  publicUrl: string;
  isSandbox: boolean;
}

/** What the page says, by what the invite is for. */
const WORDS: Record<Purpose, Record<"heading" | "about" | "action", keyof Translation>> = {
  account: { heading: "invited", about: "about", action: "create_account" },
  group: { heading: "invited", about: "about", action: "create_account" },
  account_and_contact: { heading: "invited_by", about: "about", action: "create_account" },
  contact: { heading: "contact_invited", about: "contact_invited_about", action: "accept" },
  password_reset: {
    heading: "reset_invited",
    about: "reset_invited_about",
    action: "choose_password",
  },
};

/** Writes the page that an invite's link leads to. */
export function landingPage(landing: Landing): Html {
  const { invite, language, platform, isSandbox } = landing;
  const { texts } = language;
  const { purpose, inviter_jid } = invite;
  const isFrom = inviter_jid !== "";
  const { about } = WORDS[purpose];
  const heading = isFrom && opensAccount(purpose) ? "invited_by" : WORDS[purpose].heading;
  const names = {
    host: invite.host,
    inviter: inviter_jid,
    address: `${invite.username}@${invite.host}`,
  };
  const parts = Object.fromEntries(Object.entries(names).map(([key, text]) => [key, name(text)]));
  const isReset = purpose === "password_reset";
  const isPhone = platform === "android" || platform === "ios";
  const body = html`<div class="${isPhone ? "columns" : "columns two"}">
<div>
<h1>${rich(texts[heading], parts)}</h1>
<p>${rich(texts[about], parts)}</p>
${purpose === "account_and_contact" ? html`<p>${rich(texts.contacts_about, parts)}</p>` : ""}
${isReset && isFrom ? html`<p>${rich(texts.reset_from, parts)}</p>` : ""}
${invite.username === "" || isReset ? "" : html`<p>${rich(texts.your_address, parts)}</p>`}
${isSandbox ? html`<p class="note">${texts.sandbox}</p>` : ""}
${actions(landing)}
${goodUntil(landing)}
</div>
${isPhone ? "" : figure(landing)}
</div>
${isReset ? "" : appLists(platform, language)}
${isPhone ? html`<details><summary>${texts.other_device}</summary>${figure(landing)}</details>` : ""}`;
  return page({ language, title: plain(texts[heading], names), body });
}

/** An app can redeem what the chat server issued, and so can the next page; what Doorman issued, that page alone. */
function actions({ invite, token, language: { texts } }: Landing): Html {
  const { action } = WORDS[invite.purpose];
  const hint = action === "create_account" ? texts.create_account_hint : "";
  const here = `invite/redeem?${encodeURIComponent(token)}`;
  if (invite.issuer === "server") {
    return html`<div class="actions"><a class="button first" href="${invite.uri}">${texts.open_in_app}</a>
<a class="button" href="${here}">${texts[action]}</a></div>
<p class="soft">${texts.open_in_app_hint}</p>`;
  }
  return html`<div class="actions"><a class="button first" href="${here}">${texts[action]}</a></div>
${hint === "" ? "" : html`<p class="soft">${hint}</p>`}`;
}

function figure({ invite, token, publicUrl, language: { texts } }: Landing): Html {
  const isServers = invite.issuer === "server";
  const code = qrCode(isServers ? invite.uri : `${publicUrl}/invite?${token}`, texts.qr_name);
  return html`<figure>${code}<figcaption>${isServers ? texts.qr_app : texts.qr_page}</figcaption></figure>`;
}

function goodUntil({ invite: { expire_time }, language }: Landing): Html | string {
  if (expire_time === null) return "";
  const parts = {
    duration: duration(expire_time - Date.now(), language),
    time: time(expire_time, language),
  };
  return html`<p class="soft">${rich(language.texts.good_until, parts)}</p>`;
}
