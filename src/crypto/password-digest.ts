import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** Answers what a password can be recognised by (scrypt, RFC 7914), with a salt of its own. */
export async function passwordDigest(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt);
  return `${salt.toString("hex")}:${key.toString("hex")}`;
}

/** Whether a digest is a password's. @param digest null where there is none: it is nobody's */
export async function isDigestOf(password: string, digest: string | null): Promise<boolean> {
  const [salt, key] = digest?.split(":").map((text) => Buffer.from(text, "hex")) ?? [];
  if (salt === undefined || key?.length !== KEY_BYTES) return false;
  return timingSafeEqual(key, await derive(password, salt));
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
