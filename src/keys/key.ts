import { randomBytes } from "node:crypto";

/** The two parts of an API key. */
export interface KeyParts {
  id: string;
  token: string;
}

/**
 * Makes a new key in the documented form `ID/TOKEN`: 6 and 24 random bytes in base64url. An id never
 * begins with "-", so that a command line takes it for an argument.
 */
export function generateKey(): KeyParts {
  let id: string;
  do id = randomBytes(6).toString("base64url");
  while (id.startsWith("-"));
  return { id, token: randomBytes(24).toString("base64url") };
}

/** Reads `ID/TOKEN`; undefined when it has not that form. */
export function parseKey(text: string): KeyParts | undefined {
  const match = /^([\w-]{1,64})\/([\w-]{1,256})$/.exec(text);
  return match?.[1] && match[2] ? { id: match[1], token: match[2] } : undefined;
}
