import { invalidField } from "../errors/doorman-error.js";
import { parseLine } from "../fields/text.js";

export const MIN_PASSWORD_CHARACTERS = 8;
export const MAX_PASSWORD_CHARACTERS = 256;

/**
 * Reads the password that somebody wants, prepared as servers and clients prepare it before they
 * compare it (SASLprep, RFC 4013 section 2), so that it is the same everywhere.
 * @throws INVALID_FIELD, never with the password in it
 */
export function parseNewPassword(text: string, field: string): string {
  const password = preparePassword(text, field);
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
  const mapped = text.replace(/\p{Zs}/gu, " ").replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, "");
  return parseLine(mapped.normalize("NFKC"), field);
}
