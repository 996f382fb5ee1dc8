import { domainToASCII } from "node:url";
import { invalidField } from "../errors/doorman-error.js";
import { quoted } from "../errors/quote.js";
import { parseLine } from "../fields/text.js";
import { faultOf, prepare, prepareResource } from "./stringprep.js";

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
/** Two parts and the "@" between them. */
const MAX_BARE_JID_BYTES = 2 * MAX_PART_BYTES + 1;
// What nodeprep forbids (RFC 6122 appendix A.5): spaces, controls, private use, surrogates, and a few.
const FORBIDDEN_IN_LOCALPART = /["&'/:<>@\ufffc\ufffd\u2ff0-\u2ffb]|[\p{Z}\p{C}]/u;
// A server maps these as IDNA 2003 does, to the name of another domain than IDNA 2008 means.
const AMBIGUOUS_IN_DOMAIN = /[ßς\u200c\u200d]/;

/**
 * Reads the bare JID of a user or a room.
 * @param field the request's field, for the error
 * @throws INVALID_FIELD
 */
export function parseBareJid(text: string, field: string): BareJid {
  const jid = parseContactJid(text, field);
  if (jid.local === "") throw invalidField(field, `"${quoted(text)}" has no name before an "@"`);
  return jid;
}

/** Reads the bare JID of a contact, which may be a domain alone (a gateway, say). */
export function parseContactJid(text: string, field: string): BareJid {
  if (text === "") throw invalidField(field, "is required, a bare JID such as name@example.com");
  requireBytesOfJid(text, field);
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

/**
 * Reads an account's name, the localpart of its JID, and normalises it as servers do (nodeprep, RFC
 * 6122 appendix A). What they would call malformed is refused.
 */
export function parseLocalpart(text: string, field: string): string {
  checkBytes(text, field);
  const local = prepare(text);
  if (local === "") throw invalidField(field, 'the name before the "@" is empty');
  if (FORBIDDEN_IN_LOCALPART.test(local)) {
    throw invalidField(
      field,
      `has a character that a name in a JID cannot have (spaces and "&'/:<>@ are such)`,
    );
  }
  return checkPart(text, local, field);
}

/** Reads a domain and normalises it as servers do (nameprep, RFC 3491), without a final dot. */
export function parseDomain(text: string, field: string): string {
  checkBytes(text, field);
  if (AMBIGUOUS_IN_DOMAIN.test(text)) {
    throw invalidField(field, "has ß, ς or a joiner in its domain: write its ASCII form, xn--…");
  }
  const domain = prepare(text).replace(/\.$/, "");
  const hasEmptyLabel = domain.split(".").includes("");
  if (hasEmptyLabel || /[\s@:&\u3002]/.test(domain) || domainToASCII(domain) === "") {
    throw invalidField(field, "has no valid domain, such as example.com");
  }
  return checkPart(text, domain, field);
}

/** Reads a nickname, the resourcepart of an occupant JID (XEP-0045 section 17.1.1). */
export function parseNickname(text: string, field: string): string {
  checkBytes(text, field);
  if (text.trim() === "") throw invalidField(field, "is required, and cannot be blank");
  checkBytes(prepareResource(text), field);
  return parseLine(text, field, MAX_PART_BYTES);
}

function checkPart(text: string, prepared: string, field: string): string {
  // Mapping can make a part 18 times as long.
  checkBytes(prepared, field);
  const fault = faultOf(text);
  if (fault !== undefined) throw invalidField(field, fault);
  return prepared;
}

/** @throws INVALID_FIELD for what is too long whatever its parts are */
function requireBytesOfJid(text: string, field: string): void {
  if (Buffer.byteLength(text) > MAX_BARE_JID_BYTES) {
    throw invalidField(field, `a bare JID has at most ${MAX_BARE_JID_BYTES} bytes`);
  }
}

function checkBytes(part: string, field: string): void {
  if (Buffer.byteLength(part) > MAX_PART_BYTES) {
    throw invalidField(field, `a part of a JID has at most ${MAX_PART_BYTES} bytes`);
  }
}
