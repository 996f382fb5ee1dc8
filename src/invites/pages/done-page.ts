import { html } from "hono/html";
import { domainOf } from "../../jid/parts.js";
import type { FormKind } from "./account-form.js";
import { appLists, offeredApps } from "./app-lists.js";
import { type Html, page, type Visit } from "./layout.js";
import { name, rich } from "./translation.js";

/** What the last page shows. */
export interface Done {
  kind: FormKind;
  userJid: string;
  /** The user's new contact; undefined for none. */
  inviterJid: string | undefined;
  /** Whether that is still being done. */
  isContactPending: boolean;
}

/** Returns the page that says that the invite is redeemed, and how to log in. */
export function donePage(done: Done, visit: Visit): Html {
  const { kind, userJid, inviterJid, isContactPending } = done;
  const { isSandbox, settings } = visit;
  const { texts } = visit.language;
  const host = domainOf(userJid);
  const hasApps = offeredApps(visit, host).length > 0;
  const heading = texts[`${kind}_done_title`];
  const contact =
    inviterJid &&
    html`<p>${rich(isContactPending ? texts.contact_soon : texts.contact_made, { inviter: name(inviterJid) })}</p>`;
  const body = html`<h1>${heading}</h1>
${contact ?? ""}
${isSandbox ? html`<p class="note">${texts.sandbox}</p>` : ""}
${
  settings.web_chat_url === undefined
    ? ""
    : html`<div class="actions"><a class="button first" href="${settings.web_chat_url}" rel="noopener">${texts.open_web_chat}</a></div>`
}
<h2>${texts.how_to_log_in}</h2>
<ol>
${hasApps ? html`<li>${texts.log_in_app}</li>` : ""}
<li>${texts.log_in_existing}</li>
<li>${texts.log_in_with}
<dl class="login"><dt>${texts.address}</dt><dd><code dir="ltr">${userJid}</code></dd>
<dt>${texts.server}</dt><dd><code dir="ltr">${host}</code></dd></dl></li>
</ol>
${kind === "contact" ? "" : html`<p class="soft">${texts[`${kind}_done`]}</p>`}
${appLists(visit, host)}`;
  return page({ visit, title: heading, body, isNarrow: true });
}
