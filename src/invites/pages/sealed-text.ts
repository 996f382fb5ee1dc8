import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LIFETIME_MS = 30 * 60_000;

/**
 * Lets a page carry a text that nobody but this process can read: what was typed into a form, so that it
 * need not be typed again. Good for half an hour, and until Doorman stops.
 */
export class SealedText {
  readonly #key = randomBytes(32);

  /** @param purpose what it is kept for: it opens for nothing else */
  seal(text: string, purpose: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(purpose));
    const content = JSON.stringify([Date.now() + LIFETIME_MS, text]);
    const sealed = [nonce, cipher.update(content, "utf8"), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString("base64url");
  }

  /** Answers the text; undefined when it is not ours, for something else, or too old. */
  open(sealed: string, purpose: string): string | undefined {
    const bytes = Buffer.from(sealed, "base64url");
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const options = { authTagLength: TAG_BYTES };
      const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, options)
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      const content = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      const whole = Buffer.concat([content, decipher.final()]).toString("utf8");
      const [until, text] = JSON.parse(whole) as [number, string];
      return until > Date.now() ? text : undefined;
    } catch {
      return undefined;
    }
  }
}
