import { html } from "hono/html";
import { domainOf } from "../../jid/parts.js";
import type { FormKind } from "./account-form.js";
import { appLists } from "./app-lists.js";
import type { Platform } from "./chat-clients.js";
import { type Html, page } from "./layout.js";
import { type Language, name, rich } from "./translation.js";

/** Is what the last page shows. */
export interface Done {
  kind: FormKind;
  userJid: string;
  /** Whom the user is a contact of from now on; undefined for nobody. */
  inviterJid: string | undefined;
  /** Whether that is still being done. */
  isContactPending: boolean;
  language: Language;
  platform: Platform | undefined;
  isSandbox: boolean;
}

/** Writes the page that says that it is done, and how to log in. */
export function donePage(done: Done): Html {
  const { kind, userJid, inviterJid, isContactPending, language, platform, isSandbox } = done;
  const { texts } = language;
  const heading = texts[`${kind}_done_title`];
  const contact =
    inviterJid &&
    html`<p>${rich(isContactPending ? texts.contact_soon : texts.contact_made, { inviter: name(inviterJid) })}</p>`;
  const body = html`<h1>${heading}</h1>
${contact ?? ""}
${isSandbox ? html`<p class="note">${texts.sandbox}</p>` : ""}
<h2>${texts.how_to_log_in}</h2>
<ol>
<li>${texts.log_in_app}</li>
<li>${texts.log_in_existing}</li>
<li>${texts.log_in_with}
<dl class="login"><dt>${texts.address}</dt><dd><code dir="ltr">${userJid}</code></dd>
<dt>${texts.server}</dt><dd><code dir="ltr">${domainOf(userJid)}</code></dd></dl></li>
</ol>
${kind === "contact" ? "" : html`<p class="soft">${texts[`${kind}_done`]}</p>`}
${appLists(platform, language)}`;
  return page({ language, title: heading, body, isNarrow: true });
}
