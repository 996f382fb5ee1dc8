import type { z } from "zod";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { sha256 } from "../crypto/digest.js";
import { DoormanError, invalidField } from "../errors/doorman-error.js";

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;
/** More than the longest that Doorman makes, of a JID or a nickname whose every character is escaped. */
const MAX_TOKEN_CHARACTERS = 8_192;

/** Reads `page_size`: 0 is 100, more than 1,000 is 1,000. */
export function parsePageSize(size: number): number {
  if (size < 0) throw invalidField("page_size", "cannot be negative; leave it out for 100");
  return size === 0 ? DEFAULT_PAGE_SIZE : Math.min(size, MAX_PAGE_SIZE);
}

/**
 * Writes the token of the page after the entry with the given sort keys.
 * @param list names the one list that the token is good for: the method and what it lists
 * @param after never a secret: tokens may travel in URLs
 */
export function pageToken(list: string, after: readonly string[]): string {
  const text = JSON.stringify(after);
  return Buffer.from(checksum(list, text) + text).toString("base64url");
}

/**
 * Reads `page_token` back into sort keys; undefined for the first page.
 * @param schema what the list's sort keys look like
 * @throws INVALID_PAGE_TOKEN when it is damaged or of another list
 */
export function parsePageToken(
  list: string,
  token: string,
  schema: z.ZodType<string[]>,
): string[] | undefined {
  if (token === "") return undefined;
  const isShort = token.length <= MAX_TOKEN_CHARACTERS;
  const decoded = isShort ? Buffer.from(token, "base64url").toString() : "";
  const text = decoded.slice(CHECKSUM_LENGTH);
  const isWhole =
    pageTokenIsCanonical(token, decoded) &&
    checksum(list, text) === decoded.slice(0, CHECKSUM_LENGTH);
  // Anybody can compute the checksum, so that what it protects is checked all the same.
  const keys = isWhole ? schema.safeParse(parseJson(text)) : undefined;
  if (keys?.success) return keys.data;
  throw new DoormanError(
    ErrorReason.INVALID_PAGE_TOKEN,
    "page_token: is damaged or comes from another list; begin again without it",
    { metadata: { field: "page_token" } },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const CHECKSUM_LENGTH = 16;

/** Is no protection against forgery, which would win nothing: a forged token pages the same list. */
function checksum(list: string, text: string): string {
  return sha256(`${list}\n${text}`).slice(0, CHECKSUM_LENGTH);
}

// Buffer passes over characters that are not base64url, so that a damaged token could read as whole.
function pageTokenIsCanonical(token: string, decoded: string): boolean {
  return Buffer.from(decoded).toString("base64url") === token;
}
