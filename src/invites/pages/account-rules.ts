import {
  MAX_PASSWORD_CHARACTERS,
  MIN_PASSWORD_CHARACTERS,
  parseNewPassword,
  preparePassword,
} from "../../accounts/password.js";
import {
  hasLetterOrDigit,
  MAX_USERNAME_CHARACTERS,
  type UsernameRules,
} from "../../accounts/username.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { parseLocalpart } from "../../jid/jid.js";
import type { Translation } from "./translation.js";

/** Is what is wrong with something that was typed: a text of the translations, and what is filled into it. */
export interface Problem {
  text: keyof Translation;
  parts?: Record<string, string>;
}

/** Answers what was meant by what somebody typed as the name of an account. */
export function typedUsername(typed: string, host: string): string {
  // Keyboards of phones put a space behind a word, and some people write the whole address.
  const name = typed.trim();
  return name.toLowerCase().endsWith(`@${host}`) ? name.slice(0, -host.length - 1) : name;
}

/** Writes the address that an account with this name has or would have, as the server writes it. */
export function addressOf(username: string, host: string): string {
  try {
    return `${parseLocalpart(username, "username")}@${host}`;
  } catch (error) {
    if (error instanceof DoormanError) return `${username}@${host}`;
    throw error;
  }
}

/** Answers what is wrong with the name of a new account, in the visitor's words; undefined when nothing is. */
export function usernameProblem(rules: UsernameRules, username: string): Problem | undefined {
  if (username === "") return { text: "username_required" };
  const count = String(MAX_USERNAME_CHARACTERS);
  if ([...username].length > MAX_USERNAME_CHARACTERS) {
    return { text: "username_too_long", parts: { count } };
  }
  if (isRefused(() => parseLocalpart(username, "username"))) return { text: "username_forbidden" };
  if (!hasLetterOrDigit(username)) return { text: "username_refused" };
  const isReserved = isRefused(() => rules.parse(username, "username"));
  return isReserved ? { text: "username_reserved" } : undefined;
}

/**
 * Answers what is wrong with a new password, in the visitor's words; undefined when nothing is.
 * @param userJid whose it shall be
 */
export function passwordProblem(typed: string, userJid: string): Problem | undefined {
  if (typed === "") return { text: "password_required" };
  if (isRefused(() => preparePassword(typed, "password"))) return { text: "password_forbidden" };
  const password = preparePassword(typed, "password");
  const { length } = [...password];
  if (length < MIN_PASSWORD_CHARACTERS) {
    return { text: "password_too_short", parts: { count: String(MIN_PASSWORD_CHARACTERS) } };
  }
  if (length > MAX_PASSWORD_CHARACTERS) {
    return { text: "password_too_long", parts: { count: String(MAX_PASSWORD_CHARACTERS) } };
  }
  if (isRefused(() => parseNewPassword(typed, "password"))) return { text: "password_forbidden" };
  const lower = password.toLowerCase();
  const isKnown = lower === userJid || lower === userJid.slice(0, userJid.indexOf("@"));
  return isKnown ? { text: "password_is_username" } : undefined;
}

function isRefused(parse: () => unknown): boolean {
  try {
    parse();
    return false;
  } catch (error) {
    if (error instanceof DoormanError) return true;
    throw error;
  }
}
