import { invalidField } from "../errors/doorman-error.js";

// A server closes the stream on what XML 1.0 cannot carry (section 2.2). It can carry U+007F to U+009F,
// which are control characters to a terminal all the same, and letters to nobody.
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|[\p{Cs}\ufffe\uffff]/u;

/** How long a text for people may be: a reason, a title, a note. */
export const MAX_TEXT_BYTES = 1023;

/**
 * Makes sure that a text is short enough, before anything else is done with it.
 * @throws INVALID_FIELD
 */
export function requireBytes(text: string, field: string, maxBytes = MAX_TEXT_BYTES): void {
  if (Buffer.byteLength(text) > maxBytes)
    throw invalidField(field, `has at most ${maxBytes} bytes`);
}

/**
 * Checks a text that will travel in XML or be stored.
 * @throws INVALID_FIELD when it is longer or has a control character other than tab and line end
 */
export function parseText(text: string, field: string, maxBytes = MAX_TEXT_BYTES): string {
  requireBytes(text, field, maxBytes);
  if (hasForbiddenCharacter(text)) throw invalidField(field, "has a control character");
  return text;
}

/**
 * Checks a text of one line. The attributes of XML hold no other: what reads them makes each tab and
 * line end a space (XML 1.0 section 3.3.3).
 * @throws INVALID_FIELD when it has a tab or a line end too
 */
export function parseLine(text: string, field: string, maxBytes = MAX_TEXT_BYTES): string {
  requireBytes(text, field, maxBytes);
  if (/[\t\n\r]/.test(text)) throw invalidField(field, "has a tab or a line end");
  return parseText(text, field, maxBytes);
}

/** Whether a text has a character that Doorman sends to no chat server. */
export function hasForbiddenCharacter(text: string): boolean {
  return FORBIDDEN.test(text);
}

// RFC 3986 appendix A: the characters of a URI, after a scheme.
const URI = /^[a-z][a-z0-9+.-]*:(?:[\w.~!$&'()*+,;=:@/?#[\]-]|%[0-9a-f]{2})+$/i;

/** Whether a text could be a hat's id, a URI (XEP-0317 section 3). */
export function isHatId(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_TEXT_BYTES && URI.test(text);
}

/** @throws INVALID_FIELD when it is no hat's id */
export function parseHatId(text: string, field: string): string {
  if (isHatId(text)) return text;
  throw invalidField(
    field,
    `must be a URI of at most ${MAX_TEXT_BYTES} bytes, such as urn:uuid:… or https://example.com/hats/teacher`,
  );
}
