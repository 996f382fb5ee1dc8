import { html, raw } from "hono/html";
import { opensAccount, type Purpose } from "../purpose.js";
import { appLists, offeredApps } from "./app-lists.js";
import type { Found } from "./find-invite.js";
import { type Html, page, type Visit } from "./layout.js";
import { qrCode } from "./qr-code.js";
import { TIME_SCRIPT } from "./scripts.js";
import { duration, name, plain, rich, type Translation, time } from "./translation.js";

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

/** Returns the page that an invite's link leads to. */
export function landingPage(found: Found, visit: Visit): Html {
  const { invite } = found;
  const { platform, isSandbox } = visit;
  const { texts } = visit.language;
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
${actions(found, visit)}
${validity(found, visit)}
</div>
${isPhone ? "" : figure(found, visit)}
</div>
${isReset ? "" : appLists(visit, invite.host)}
${isPhone ? html`<details><summary>${texts.other_device}</summary>${figure(found, visit)}</details>` : ""}`;
  const title = plain(texts[heading], names);
  // A preview is shown to everybody in a chat: of a reset it does not say whose.
  const preview = {
    title: isReset ? texts.reset_title : title,
    description: plain(texts[about], names),
    host: invite.host,
  };
  return page({ visit, title, preview, body });
}

/** An app can redeem an invite of the chat server, and so can our form; an invite of Doorman only our form. */
function actions({ invite, token }: Found, visit: Visit): Html {
  const { texts } = visit.language;
  const { action } = WORDS[invite.purpose];
  const hint = action === "create_account" ? texts.create_account_hint : "";
  const here = `invite/redeem?${encodeURIComponent(token)}`;
  if (invite.issuer === "server") {
    const hasApps = offeredApps(visit, invite.host).length > 0;
    return html`<div class="actions"><a class="button first" href="${invite.uri}">${texts.open_in_app}</a>
<a class="button" href="${here}">${texts[action]}</a></div>
${hasApps ? html`<p class="soft">${texts.open_in_app_hint}</p>` : ""}`;
  }
  return html`<div class="actions"><a class="button first" href="${here}">${texts[action]}</a></div>
${hint === "" ? "" : html`<p class="soft">${hint}</p>`}`;
}

function figure({ invite, token }: Found, { publicUrl, language: { texts } }: Visit): Html {
  const isServers = invite.issuer === "server";
  const code = qrCode(isServers ? invite.uri : `${publicUrl}/invite?${token}`, texts.qr_name);
  return html`<figure>${code}<figcaption>${isServers ? texts.qr_app : texts.qr_page}</figcaption></figure>`;
}

function validity({ invite: { expire_time } }: Found, { language }: Visit): Html | string {
  if (expire_time === null) return "";
  const parts = {
    duration: duration(expire_time - Date.now(), language),
    time: time(expire_time, language),
  };
  return html`<p class="soft">${rich(language.texts.valid_for, parts)}</p>
<script>${raw(TIME_SCRIPT)}</script>`;
}
