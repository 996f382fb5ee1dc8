import { invalidField } from "../errors/doorman-error.js";
import { parseLocalpart } from "../jid/jid.js";

export const MAX_USERNAME_CHARACTERS = 64;

/** Are names that a stranger must not have: RFC 2142's, and those that people take for the server's own. */
const RESERVED = new Set(
  `abuse admin administrator daemon doorman help hostmaster info marketing moderator news nobody noc
  operator owner postmaster register root sales security staff support sysadmin system usenet uucp
  webmaster www xmpp jabber`.split(/\s+/),
);

/** Knows which names a new account may have. */
export class UsernameRules {
  readonly #reserved: ReadonlySet<string>;

  /** @param alsoReserved normalised names that are reserved besides */
  constructor(alsoReserved: readonly string[]) {
    this.#reserved = new Set([...RESERVED, ...alsoReserved]);
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
    if (this.#reserved.has(username)) {
      throw invalidField(field, `"${username}" is reserved: choose another name`);
    }
    return username;
  }
}
