import { isIP } from "node:net";
import { z } from "zod";
import { parseBareJid, parseDomain, parseLocalpart, parseNickname } from "../jid/jid.js";
import { isLoopback } from "../limits/loopback.js";

/** Makes a Zod type out of a parser that answers undefined for text it cannot read. */
export function parsed<T>(parse: (text: string) => T | undefined, expected: string) {
  return z.string({ error: `expected ${expected}` }).transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `expected ${expected}` });
    return z.NEVER;
  });
}

/** Is a text that is not empty. */
export function text(expected: string) {
  return parsed((value) => (value === "" ? undefined : value), expected);
}

/** Is one of a few words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return z.enum(words, { error: `expected one of ${words.join(", ")}` });
}

/** Is true or false. */
export function yesOrNo() {
  return z.boolean({ error: "expected true or false" });
}

/** Is a whole number within bounds. */
export function wholeNumber(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** Is a list of settings of one kind. */
export function listOf<T extends z.ZodType>(setting: T, example: string) {
  return z.array(setting, { error: `expected a list such as ${example}` });
}

/** Is a map with these settings and no other. */
export function section<T extends z.ZodRawShape>(expected: string, settings: T) {
  return z.strictObject(settings, { error: `expected ${expected}` });
}

function undefinedIfThrows<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

export const domain = parsed(
  (value) => undefinedIfThrows(() => parseDomain(value, "domain")),
  "a domain such as example.com",
);

export const bareJid = parsed(
  (value) => undefinedIfThrows(() => parseBareJid(value, "jid")),
  "a bare JID such as doorman@example.com",
);

export const username = parsed(
  (value) => undefinedIfThrows(() => parseLocalpart(value, "username")),
  "the name of an account, such as john",
);

export const nickname = parsed(
  (value) => undefinedIfThrows(() => parseNickname(value, "nickname")),
  "a nickname such as Doorman",
);

export const ipAddress = parsed(
  (value) => (isIP(value) === 0 ? undefined : value),
  "an IP address such as 127.0.0.1",
);

export const network = parsed((value) => {
  const [, address = "", bits = "0"] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128) ? value : undefined;
}, "an IP address such as 127.0.0.1, or a network such as 10.0.0.0/8");

/** Is the address of pages for everybody, without a final slash. */
export const webUrl = parsed(
  (value) =>
    /^https?:\/\/[^\s?#@/\\]+(\/[^\s?#]*)?$/.test(value) && URL.canParse(value)
      ? value.replace(/\/+$/, "")
      : undefined,
  "a URL such as https://example.com, without a user, a password or a query",
);

/** Doorman's password goes there: clear text on loopback alone. */
export const ejabberdApi = parsed((value) => {
  const url =
    /^https?:\/\/[^\s?#@/\\]+(\/[^\s?#]*)?$/.test(value) && URL.canParse(value)
      ? new URL(value)
      : undefined;
  if (url === undefined) return undefined;
  return url.protocol === "https:" || isLoopback(url.hostname)
    ? value.replace(/\/+$/, "")
    : undefined;
}, "the address of mod_http_api, such as http://127.0.0.1:5282/api; https unless it is on loopback");

export const origin = parsed(
  (value) =>
    /^https?:\/\//.test(value) && URL.canParse(value) && new URL(value).origin === value
      ? value
      : undefined,
  "an origin such as https://console.example.com, without a path",
);

export const rosterUrl = parsed(
  (value) => (isRosterUrl(value) ? value : undefined),
  "a URL whose path or query has %s once, for the username, such as http://app.example.org/contacts/%s; what user:password@ before its host has of %, @, : and / is percent-encoded",
);

function isRosterUrl(value: string): boolean {
  const [, authority = "", rest = ""] = /^https?:\/\/([^\s/?#\\]+)([^\s#]*)$/.exec(value) ?? [];
  if (authority.includes("%s") || rest.split("%s").length !== 2) return false;
  const credentials = undefinedIfThrows(() => {
    const { username, password } = new URL(value.replace("%s", "x"));
    return [decodeURIComponent(username), decodeURIComponent(password)];
  });
  return credentials !== undefined;
}

export const xmppService = parsed(
  (value) => (/^xmpps?:\/\/[^\s/@]+$/.test(value) && URL.canParse(value) ? value : undefined),
  "an address such as xmpp://127.0.0.1:5222 or xmpps://example.com:5223",
);
