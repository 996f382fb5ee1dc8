import { invalidField } from "../errors/doorman-error.js";
import { parseLine, requireBytes } from "../fields/text.js";
import { faultOf, mapPassword } from "../jid/stringprep.js";

export const MIN_PASSWORD_CHARACTERS = 8;
export const MAX_PASSWORD_CHARACTERS = 256;
/** As it is typed: a character has four bytes at the most. */
const MAX_PASSWORD_BYTES = 4 * MAX_PASSWORD_CHARACTERS;

// RFC 4013 section 2.3, as far as the mapping leaves it: controls, private use, and what marks the layout.
const FORBIDDEN = /[\p{C}\u2028\u2029\u2ff0-\u2ffb\ufffc\ufffd]/u;

/**
 * Reads the password that somebody wants, prepared as servers and clients prepare it before they
 * compare it (SASLprep, RFC 4013 section 2), so that it is the same everywhere.
 * @throws INVALID_FIELD, never with the password in it
 */
export function parseNewPassword(text: string, field: string): string {
  const password = preparePassword(text, field);
  if (FORBIDDEN.test(password))
    throw invalidField(field, "has a character that servers do not take");
  // RFC 4013 sections 2.4 and 2.5. ejabberd refuses all of these, Prosody takes what is not assigned.
  const fault = faultOf(text);
  if (fault !== undefined) throw invalidField(field, fault);
  const { length } = [...password];
  if (length < MIN_PASSWORD_CHARACTERS) {
    throw invalidField(field, `must have at least ${MIN_PASSWORD_CHARACTERS} characters`);
  }
  if (length > MAX_PASSWORD_CHARACTERS)
    throw invalidField(field, `has at most ${MAX_PASSWORD_CHARACTERS} characters`);
  return password;
}

/**
 * Reads a password that an account may have already.
 * @throws INVALID_FIELD
 */
export function preparePassword(text: string, field: string): string {
  if (text === "") throw invalidField(field, "is required");
  requireBytes(text, field, MAX_PASSWORD_BYTES);
  return parseLine(mapPassword(text), field);
}
