import { html, raw } from "hono/html";
import { MIN_PASSWORD_CHARACTERS } from "../../accounts/password.js";
import type { InvitesTable } from "../../database/schema.js";
import type { Problem } from "./account-rules.js";
import type { Found } from "./find-invite.js";
import { formToken } from "./form-token.js";
import { type Html, page, type Visit } from "./layout.js";
import { type Language, name, plain, rich } from "./translation.js";

/** What a form is for: a new account, a new password, or a log-in to accept a contact. */
export type FormKind = "register" | "reset" | "contact";

/** What a visitor typed, and what is wrong with it. */
export interface Filled {
  username: string;
  problems: { username?: Problem; password?: Problem; repeat?: Problem; form?: Problem };
  /** The password that need not be typed again, sealed. */
  keptPassword?: string;
}

export const EMPTY: Filled = { username: "", problems: {} };

const FIELDS = ["username", "password", "repeat"] as const;
type Field = (typeof FIELDS)[number];

/**
 * Returns the form that redeems an invite. What is wrong is said beside each field in the page's language, by
 * the script or by the answer to the form; the browser says nothing, which may be in another language.
 */
export function accountForm(kind: FormKind, found: Found, visit: Visit, filled: Filled): Html {
  const { invite } = found;
  const { language } = visit;
  const { texts } = language;
  const { problems, keptPassword } = filled;
  const parts = {
    host: name(invite.host),
    address: name(`${invite.username}@${invite.host}`),
    inviter: name(invite.inviter_jid),
  };
  const heading = texts[`${kind}_title`];
  const isNew = kind !== "contact";
  const hasProblem = Object.keys(problems).length > 0;
  const body = html`<h1>${rich(heading, parts)}</h1>
${kind === "register" ? "" : html`<p>${rich(texts[`${kind}_about`], parts)}</p>`}
${problems.form ? html`<div class="note error" role="alert"><p>${texts[problems.form.text]}</p></div>` : ""}
<form method="post" novalidate>
<input type="hidden" name="form_token" value="${formToken(found)}">
${usernameField(kind, invite, language, filled)}
${passwordField(kind, language, filled)}
${isNew ? repeatField(language, filled) : ""}
<p class="check" hidden><label><input type="checkbox" id="show"> ${texts.show_password}</label></p>
${keptPassword === undefined ? "" : html`<input type="hidden" name="kept_password" value="${keptPassword}">`}
<div class="actions"><button class="button first" type="submit">${texts[`submit_${kind}`]}</button></div>
</form>`;
  const title = plain(heading, { host: invite.host });
  return page({
    visit,
    title: hasProblem ? `${texts.error_title}: ${title}` : title,
    body,
    isNarrow: true,
    script: "form.js",
  });
}

function usernameField(
  kind: FormKind,
  invite: InvitesTable,
  { texts }: Language,
  { username, problems }: Filled,
): Html {
  const address = `${invite.username}@${invite.host}`;
  if (invite.username !== "") {
    // A password manager stores the password under this.
    return html`<div class="field"><label for="username">${texts.address}</label>
${problemLine("username", problems.username, texts)}
<input id="username" name="username" value="${address}" readonly autocomplete="username" dir="ltr" aria-describedby="username-problem"${invalid("username", problems)}></div>`;
  }
  const isNew = kind === "register";
  const hint = isNew ? texts.username_hint : "";
  const ifEmpty = isNew ? texts.username_required : texts.username_missing;
  return html`<div class="field"><label for="username">${texts.username}</label>
<p class="soft" id="username-hint">${rich(hint, { host: name(invite.host) })}</p>
${problemLine("username", problems.username, texts)}
<div class="joined"><input id="username" name="username" value="${username}" required data-if-empty="${ifEmpty}" maxlength="256" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" dir="auto"${raw(isNew ? " data-check" : "")}${described("username", problems)}><span aria-hidden="true">@${name(invite.host)}</span></div>
<p class="free" id="username-free" role="status"></p></div>`;
}

function passwordField(kind: FormKind, { texts }: Language, filled: Filled): Html {
  const { problems, keptPassword } = filled;
  const isNew = kind !== "contact";
  const isKept = keptPassword !== undefined;
  const count = String(MIN_PASSWORD_CHARACTERS);
  const ifEmpty = isNew ? texts.password_required : texts.password_missing;
  const ifShort = plain(texts.password_too_short, { count });
  const hint = isKept ? texts.password_kept : isNew ? plain(texts.password_hint, { count }) : "";
  const required = html` required data-if-empty="${ifEmpty}"`;
  const length = html` minlength="${MIN_PASSWORD_CHARACTERS}" data-if-short="${ifShort}"`;
  return html`<div class="field"><label for="password">${texts.password}</label>
<p class="soft" id="password-hint">${hint}</p>
${problemLine("password", problems.password, texts)}
<input type="password" id="password" name="password"${isKept ? "" : required}${isNew ? length : ""} maxlength="1024" autocomplete="${isNew ? "new-password" : "current-password"}"${described("password", problems)}></div>`;
}

function repeatField({ texts }: Language, { problems, keptPassword }: Filled): Html {
  return html`<div class="field"><label for="repeat">${texts.repeat_password}</label>
${problemLine("repeat", problems.repeat, texts)}
<input type="password" id="repeat" name="repeat"${raw(keptPassword === undefined ? " required" : "")} data-if-different="${texts.passwords_differ}" maxlength="1024" autocomplete="new-password" aria-describedby="repeat-problem"${invalid("repeat", problems)}></div>`;
}

/** Also there when nothing is wrong: the script writes into it. */
function problemLine(field: string, problem: Problem | undefined, texts: Language["texts"]): Html {
  return html`<p class="problem" id="${field}-problem" aria-live="polite">${problemText(problem, texts)}</p>`;
}

function described(field: Field, problems: Filled["problems"]): Html {
  return html` aria-describedby="${field}-hint ${field}-problem"${invalid(field, problems)}`;
}

/** Marks a field that something is wrong with; the first such field has the focus, also without a script. */
function invalid(field: Field, problems: Filled["problems"]): Html {
  if (!problems[field]) return raw("");
  const isFirst = FIELDS.find((one) => problems[one]) === field;
  return raw(` aria-invalid="true"${isFirst ? " autofocus" : ""}`);
}

function problemText(problem: Problem | undefined, texts: Language["texts"]): string {
  return problem === undefined ? "" : plain(texts[problem.text], problem.parts);
}
