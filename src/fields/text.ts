import { invalidField } from "../errors/doorman-error.js";

// What XML 1.0 cannot carry (section 2.2): the server would close the stream on it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;

/** Is how long a text for people may be: a reason, a title, a note. */
export const MAX_TEXT_BYTES = 1023;

/**
 * Checks a text that will travel in XML or be stored.
 * @throws INVALID_FIELD when it is longer or has a control character other than tab and line end
 */
export function parseText(text: string, field: string, maxBytes = MAX_TEXT_BYTES): string {
  if (Buffer.byteLength(text) > maxBytes)
    throw invalidField(field, `has at most ${maxBytes} bytes`);
  if (NOT_XML.test(text)) throw invalidField(field, "has a control character");
  return text;
}

// RFC 3986 appendix A: the characters of a URI, after a scheme.
const URI = /^[a-z][a-z0-9+.-]*:(?:[\w.~!$&'()*+,;=:@/?#[\]-]|%[0-9a-f]{2})+$/i;

/** Reads a hat's id, which must be a URI (XEP-0317 section 3). */
export function parseHatId(text: string, field: string): string {
  if (Buffer.byteLength(text) <= MAX_TEXT_BYTES && URI.test(text)) return text;
  throw invalidField(
    field,
    `must be a URI of at most ${MAX_TEXT_BYTES} bytes, such as urn:uuid:… or https://example.com/hats/teacher`,
  );
}
