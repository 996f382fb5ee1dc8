import unhomoglyph from "unhomoglyph";
import { invalidField } from "../errors/doorman-error.js";
import { parseLocalpart } from "../jid/jid.js";

export const MAX_USERNAME_CHARACTERS = 64;

/** Names that a stranger must not have: RFC 2142's, and those that people take for the server's own. */
const RESERVED = new Set(
  `abuse admin administrator daemon doorman help hostmaster info marketing moderator news nobody noc
  operator owner postmaster register root sales security staff support sysadmin system usenet uucp
  webmaster www xmpp jabber`.split(/\s+/),
);

/** Whether a name has something to be called by, as `..` has not. */
export function hasLetterOrDigit(username: string): boolean {
  return /[\p{L}\p{N}]/u.test(username);
}

/** Knows which names a new account may have. */
export class UsernameRules {
  /** What reserved names look like. */
  readonly #reserved: ReadonlySet<string>;
  readonly #protected: readonly string[];

  /**
   * @param alsoReserved normalised names that are reserved besides
   * @param protectedUsernames normalised names of protected accounts: what looks like one is reserved, and
   * the name itself is ProtectedUsers' to refuse, which knows the host
   */
  constructor(alsoReserved: readonly string[], protectedUsernames: readonly string[] = []) {
    const reserved = [...RESERVED, ...alsoReserved];
    this.#reserved = new Set([...reserved, ...reserved.map(withoutPunctuation)].flatMap(looksLike));
    this.#protected = protectedUsernames;
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
    if (this.#isReserved(username)) {
      throw invalidField(field, `"${username}" is reserved: choose another name`);
    }
    return username;
  }

  #isReserved(username: string): boolean {
    const words = [username, withoutPunctuation(username), withoutDigits(username)];
    if (words.flatMap(looksLike).some((look) => this.#reserved.has(look))) return true;
    const looks = looksLike(username);
    return this.#protected.some(
      (name) => name !== username && looksLike(name).some((look) => looks.includes(look)),
    );
  }
}

/**
 * Returns what a normalised name looks like to people, in small letters and in capitals and without
 * accents, by Unicode's table of confusable characters (UTS 39 section 4). Two names look alike when they
 * have one in common.
 */
function looksLike(name: string): string[] {
  const bare = withoutAccents(name);
  // In capitals too: a small Cyrillic "т" is like no small Latin letter.
  return [unhomoglyph(bare).toLowerCase(), unhomoglyph(bare.toUpperCase())];
}

function withoutAccents(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "");
}

function withoutPunctuation(name: string): string {
  return name.replace(/[\p{P}\p{S}]/gu, "");
}

/** Returns a name without digits and punctuation: admin1, root_ and 1.info are taken for the reserved names. */
function withoutDigits(name: string): string {
  return withoutPunctuation(name).replace(/\p{N}/gu, "");
}
