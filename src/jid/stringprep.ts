import { UNASSIGNED } from "./unassigned.js";

/*
 * Stringprep (RFC 3454) with the tables that nodeprep and nameprep share, by which Prosody and ejabberd
 * decide which JIDs are one. It stands on Unicode 3.2; JavaScript knows a newer one.
 */

/** RFC 3454 appendix B.1: what is mapped to nothing. */
const NOTHING =
  /\u034f|[\u00ad\u1806\u2060\ufeff]|[\u200b-\u200d]|[\u180b-\u180d]|[\ufe00-\ufe0f]/g;
// The dotless i, and letters whose small ones came after Unicode 3.2: Cyrillic palochka, Georgian,
// Cherokee, turned F and reversed C.
const WITHOUT_CASE = /[\u0131\u04c0\u10a0-\u10c5\u13a0-\u13f4\u2132\u2183]/;

/**
 * Maps one part of a JID as the server does, so that two spellings of it become one text: invisible
 * characters go, case is folded (`ß` and `ς` as well, to `ss` and `σ`), and NFKC is applied.
 */
export function prepare(text: string): string {
  const folded = foldCase(text.replace(NOTHING, "")).normalize("NFKC");
  // NFKC makes capitals of their kin, such as mathematical letters.
  return foldCase(folded).normalize("NFKC");
}

/** Maps the resource of a JID, such as a nickname, as the server does (RFC 6122 appendix B): case is kept. */
export function prepareResource(text: string): string {
  return text.replace(NOTHING, "").normalize("NFKC");
}

/** Maps a password as the server does (SASLprep, RFC 4013 section 2): all spaces become one kind. */
export function mapPassword(text: string): string {
  return text
    .replace(NOTHING, "")
    .replace(/\p{Zs}/gu, " ")
    .normalize("NFKC");
}

/** RFC 3454 appendix B.2. Letter by letter: of a whole word JavaScript ends the small one with `ς`. */
function foldCase(text: string): string {
  return Array.from(text, (letter) =>
    WITHOUT_CASE.test(letter) ? letter : letter.toUpperCase().toLowerCase(),
  ).join("");
}

/** RFC 3454 appendix D.1, as far as NFKC leaves it. */
const RIGHT_TO_LEFT =
  /[\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4\u061b\u061f\u0621-\u064a\u066d-\u066f\u0671-\u06d5\u06e5\u06e6\u06fa-\u06fe\u0700-\u0710\u0712-\u072c\u0780-\u07a5\u07b1\ufe73]/;
/** What may stand among these; servers allow some symbols more. */
const WITHOUT_DIRECTION = /\p{Mn}|[ -@[-`{-~\u0660-\u0669]/u;
/** Ideographs whose NFKC is another since Unicode's corrigendum 4. */
const CORRECTED = /[\u{2f868}\u{2f874}\u{2f91f}\u{2f95f}\u{2f9bf}]/u;

/**
 * Answers why a server would call a part of a JID malformed or refuse a password, or could take it for
 * another; undefined when it would not.
 * @param text as the caller wrote it, before prepare
 */
export function faultOf(text: string): string | undefined {
  if (UNASSIGNED.test(text) || CORRECTED.test(text)) {
    return "has a character that servers do not take: they know those of Unicode 3.2 (2002), and no emoji";
  }
  const letters = Array.from(prepare(text));
  const isRightToLeft = letters.map((letter) => RIGHT_TO_LEFT.test(letter));
  // RFC 3454 section 6.
  if (!isRightToLeft.includes(true)) return undefined;
  const isAlone = letters.every((letter, i) => isRightToLeft[i] || WITHOUT_DIRECTION.test(letter));
  if (isAlone && isRightToLeft[0] && isRightToLeft.at(-1)) return undefined;
  return "mixes letters written from right to left with others, or does not begin and end with one";
}
