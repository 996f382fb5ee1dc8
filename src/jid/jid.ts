import { domainToASCII } from "node:url";
import { invalidField } from "../errors/doorman-error.js";

/** A bare JID, normalised: `user@example.com`, or a domain alone where that was allowed. */
export interface BareJid {
  /** Empty for a domain alone. */
  local: string;
  domain: string;
  /** The whole. */
  bare: string;
}

/** RFC 7622 section 3.1: no part is longer. */
const MAX_PART_BYTES = 1023;
// RFC 7622 section 3.3.1, and what nodeprep (RFC 6122 appendix A) forbids: spaces, controls,
// private use, unassigned and surrogates.
const FORBIDDEN_IN_LOCALPART = /["&'/:<>@]|[\p{Z}\p{Cc}\p{Cs}\p{Co}\p{Cn}]/u;

/**
 * Reads the bare JID of a user or a room.
 * @param field the request's field, for the error
 * @throws INVALID_FIELD
 */
export function parseBareJid(text: string, field: string): BareJid {
  const jid = parseContactJid(text, field);
  if (jid.local === "") throw invalidField(field, `"${text}" has no name before an "@"`);
  return jid;
}

/** Reads the bare JID of a contact, which may be a domain alone (a gateway, say). */
export function parseContactJid(text: string, field: string): BareJid {
  if (text === "") throw invalidField(field, "is required, a bare JID such as name@example.com");
  if (text.includes("/")) {
    throw invalidField(
      field,
      "must be a bare JID, without a resource (the part from the slash on)",
    );
  }
  const at = text.indexOf("@");
  const local = at === -1 ? "" : parseLocalpart(text.slice(0, at), field);
  const domain = parseDomain(text.slice(at + 1), field);
  return { local, domain, bare: local === "" ? domain : `${local}@${domain}` };
}

/** Reads an account's name, the localpart of its JID, and normalises it as nodeprep does. */
export function parseLocalpart(text: string, field: string): string {
  const local = text.normalize("NFKC").toLowerCase();
  if (local === "") throw invalidField(field, 'the name before the "@" is empty');
  if (FORBIDDEN_IN_LOCALPART.test(local)) {
    throw invalidField(
      field,
      `has a character that a name in a JID cannot have (spaces and "&'/:<>@ are such)`,
    );
  }
  checkBytes(local, field);
  return local;
}

/** Reads a domain and normalises it: lower case, no final dot. */
export function parseDomain(text: string, field: string): string {
  const domain = text.normalize("NFKC").toLowerCase().replace(/\.$/, "");
  const hasEmptyLabel = domain.split(".").includes("");
  if (hasEmptyLabel || /[\s@:&\u00ad]/.test(domain) || domainToASCII(domain) === "") {
    throw invalidField(field, "has no valid domain, such as example.com");
  }
  checkBytes(domain, field);
  return domain;
}

/** Reads a nickname, the resourcepart of an occupant JID (XEP-0045 section 17.1.1). */
export function parseNickname(text: string, field: string): string {
  if (text.trim() === "") throw invalidField(field, "is required, and cannot be blank");
  if (/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text))
    throw invalidField(field, "has a control character");
  checkBytes(text, field);
  return text;
}

function checkBytes(part: string, field: string): void {
  if (Buffer.byteLength(part) > MAX_PART_BYTES) {
    throw invalidField(field, `a part of a JID has at most ${MAX_PART_BYTES} bytes`);
  }
}
