import { invalidField } from "../errors/doorman-error.js";
import { parseLocalpart } from "../jid/jid.js";

export const MAX_USERNAME_CHARACTERS = 64;

/** Are names that a stranger must not have: RFC 2142's, and those that people take for the server's own. */
const RESERVED = new Set(
  `abuse admin administrator daemon doorman help hostmaster info marketing moderator news nobody noc
  operator owner postmaster register root sales security staff support sysadmin system usenet uucp
  webmaster www xmpp jabber`.split(/\s+/),
);

/** Cyrillic, Greek and Armenian letters that most fonts draw like a Latin one, after nodeprep. */
const LIKE_LATIN = new Map<string, string>(
  Object.entries({
    a: "аα",
    c: "с",
    d: "ԁ",
    e: "е",
    g: "ց",
    h: "һհ",
    i: "іιı",
    j: "јϳ",
    k: "кκ",
    m: "м",
    n: "ոպ",
    o: "оοօ",
    p: "рρ",
    q: "զ",
    r: "г",
    s: "ѕ",
    t: "тτ",
    u: "υս",
    v: "ν",
    w: "ԝѡ",
    x: "хχ",
    y: "уγ",
  }).flatMap(([latin, others]) => Array.from(others, (other): [string, string] => [other, latin])),
);

/** Answers what a normalised name looks like. */
function looksLike(username: string): string {
  return Array.from(username, (letter) => LIKE_LATIN.get(letter) ?? letter).join("");
}

/** Whether a name has something to be called by, as `..` has not. */
export function hasLetterOrDigit(username: string): boolean {
  return /[\p{L}\p{N}]/u.test(username);
}

/** Knows which names a new account may have. */
export class UsernameRules {
  readonly #reserved: ReadonlySet<string>;

  /** @param alsoReserved normalised names that are reserved besides */
  constructor(alsoReserved: readonly string[]) {
    this.#reserved = new Set([...RESERVED, ...alsoReserved].map(looksLike));
  }

  /**
   * Reads the name that somebody wants for a new account, normalised as servers do (nodeprep).
   * @throws INVALID_FIELD
   */
  parse(text: string, field: string): string {
    const username = parseLocalpart(text, field);
    if ([...username].length > MAX_USERNAME_CHARACTERS) {
      throw invalidField(field, `has at most ${MAX_USERNAME_CHARACTERS} characters`);
    }
    if (!hasLetterOrDigit(username)) throw invalidField(field, "must have a letter or a digit");
    if (this.#reserved.has(looksLike(username))) {
      throw invalidField(field, `"${username}" is reserved: choose another name`);
    }
    return username;
  }
}
