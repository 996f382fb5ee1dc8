import type { UsernameRules } from "../../accounts/username.js";
import type { InvitesTable } from "../../database/schema.js";
import type { Filled, FormKind } from "./account-form.js";
import { addressOf, passwordProblem, typedUsername, usernameProblem } from "./account-rules.js";
import type { SealedText } from "./sealed-text.js";

/** What was sent, and what is wrong with it as far as no server needs to be asked. */
export interface Sent {
  username: string;
  password: string;
  problems: Filled["problems"];
}

/** Reads a form that was sent. Without a typed password it takes the one that the form kept. */
export function readForm(
  form: URLSearchParams,
  kind: FormKind,
  invite: InvitesTable,
  usernameRules: UsernameRules,
  kept: SealedText,
): Sent {
  const username = invite.username || typedUsername(form.get("username") ?? "", invite.host);
  const problems: Filled["problems"] = {};
  const wrongName =
    kind === "register" && invite.username === ""
      ? usernameProblem(usernameRules, username)
      : username === "" && { text: "username_missing" as const };
  if (wrongName) problems.username = wrongName;
  const typed = form.get("password") ?? "";
  const repeated = form.get("repeat") ?? "";
  if (kind === "contact") {
    if (typed === "") problems.password = { text: "password_missing" };
    return { username, password: typed, problems };
  }
  const isTyped = typed !== "" || repeated !== "";
  const before = isTyped ? undefined : kept.open(form.get("kept_password") ?? "", invite.id);
  const password = before ?? typed;
  const wrongPassword = passwordProblem(password, addressOf(username, invite.host));
  if (wrongPassword) problems.password = wrongPassword;
  else if (before === undefined && typed !== repeated)
    problems.repeat = { text: "passwords_differ" };
  return { username, password, problems };
}
