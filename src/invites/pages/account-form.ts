import { html, raw } from "hono/html";
import { MIN_PASSWORD_CHARACTERS } from "../../accounts/password.js";
import type { InvitesTable } from "../../database/schema.js";
import type { Problem } from "./account-rules.js";
import type { Found } from "./find-invite.js";
import { formToken } from "./form-token.js";
import { type Html, page } from "./layout.js";
import { type Language, name, plain, rich } from "./translation.js";

/** Is what a form asks for: a new account, a new password for one, or one's own account. */
export type FormKind = "register" | "reset" | "contact";

/** Is what somebody typed, and what is wrong with it. */
export interface Filled {
  username: string;
  problems: { username?: Problem; password?: Problem; repeat?: Problem; form?: Problem };
  /** The password that need not be typed again, sealed. */
  keptPassword?: string;
}

export const EMPTY: Filled = { username: "", problems: {} };

const FIELDS = ["username", "password", "repeat"] as const;

/** Writes the form that redeems an invite. */
export function accountForm(
  kind: FormKind,
  found: Found,
  language: Language,
  filled: Filled,
): Html {
  const { invite } = found;
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
${summary(problems, language)}
<form method="post">
<input type="hidden" name="form_token" value="${formToken(found)}">
${usernameField(kind, invite, language, filled)}
${passwordField(isNew, language, filled)}
${isNew ? repeatField(language, filled) : ""}
<p class="check" hidden><label><input type="checkbox" id="show"> ${texts.show_password}</label></p>
${keptPassword === undefined ? "" : html`<input type="hidden" name="kept_password" value="${keptPassword}">`}
<div class="actions"><button class="button first" type="submit">${texts[`submit_${kind}`]}</button></div>
</form>`;
  const title = plain(heading, { host: invite.host });
  return page({
    language,
    title: hasProblem ? `${texts.error_title}: ${title}` : title,
    body,
    isNarrow: true,
    script: "form.js",
  });
}

/** Says all that is wrong in one place, which a screen reader begins with. */
function summary(problems: Filled["problems"], { texts }: Language): Html | string {
  const { form } = problems;
  if (form) return html`<div class="note error" role="alert"><p>${texts[form.text]}</p></div>`;
  const wrong = FIELDS.filter((field) => problems[field] !== undefined);
  if (wrong.length === 0) return "";
  return html`<div class="note error" role="alert"><p>${texts.errors_summary}</p><ul>${wrong.map(
    (field) => html`<li><a href="#${field}">${problemText(problems[field], texts)}</a></li>`,
  )}</ul></div>`;
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
<input id="username" name="username" value="${address}" readonly autocomplete="username" dir="ltr" aria-describedby="username-problem"${invalid(problems.username)}></div>`;
  }
  const hint = kind === "register" ? texts.username_hint : "";
  return html`<div class="field"><label for="username">${texts.username}</label>
<p class="soft" id="username-hint">${rich(hint, { host: name(invite.host) })}</p>
${problemLine("username", problems.username, texts)}
<div class="joined"><input id="username" name="username" value="${username}" required maxlength="256" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" dir="auto"${raw(kind === "register" ? " data-check" : "")}${described("username", problems.username)}><span aria-hidden="true">@${name(invite.host)}</span></div>
<p class="free" id="username-free" role="status"></p></div>`;
}

function passwordField(isNew: boolean, { texts }: Language, filled: Filled): Html {
  const { problems, keptPassword } = filled;
  const isKept = keptPassword !== undefined;
  const count = String(MIN_PASSWORD_CHARACTERS);
  const hint = isKept ? texts.password_kept : isNew ? plain(texts.password_hint, { count }) : "";
  const length = isNew ? ` minlength="${MIN_PASSWORD_CHARACTERS}"` : "";
  return html`<div class="field"><label for="password">${texts.password}</label>
<p class="soft" id="password-hint">${hint}</p>
${problemLine("password", problems.password, texts)}
<input type="password" id="password" name="password"${raw(isKept ? "" : " required")}${raw(length)} maxlength="1024" autocomplete="${isNew ? "new-password" : "current-password"}"${described("password", problems.password)}></div>`;
}

function repeatField({ texts }: Language, { problems, keptPassword }: Filled): Html {
  return html`<div class="field"><label for="repeat">${texts.repeat_password}</label>
${problemLine("repeat", problems.repeat, texts)}
<input type="password" id="repeat" name="repeat"${raw(keptPassword === undefined ? " required" : "")} maxlength="1024" autocomplete="new-password" aria-describedby="repeat-problem"${invalid(problems.repeat)}></div>`;
}

/** Is there also when nothing is wrong, for the script to say something in. */
function problemLine(field: string, problem: Problem | undefined, texts: Language["texts"]): Html {
  return html`<p class="problem" id="${field}-problem" aria-live="polite">${problemText(problem, texts)}</p>`;
}

function described(field: string, problem: Problem | undefined): Html {
  return html` aria-describedby="${field}-hint ${field}-problem"${invalid(problem)}`;
}

function invalid(problem: Problem | undefined): Html {
  return raw(problem ? ' aria-invalid="true"' : "");
}

function problemText(problem: Problem | undefined, texts: Language["texts"]): string {
  return problem === undefined ? "" : plain(texts[problem.text], problem.parts);
}
