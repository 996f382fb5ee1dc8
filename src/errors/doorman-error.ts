import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { withShortWords } from "./quote.js";

/** A refusal by the chat server, RFC 6120 section 8.3; empty strings where the server said nothing. */
export interface StanzaRefusal {
  condition: string;
  type: string;
  by: string;
  text: string;
}

/**
 * Is the one error that Doorman throws on purpose. It rises untouched to the edge, where
 * code-of-error.ts gives it a code and the call's own protocol gives it a shape.
 */
export class DoormanError extends Error {
  override readonly name = "DoormanError";
  readonly metadata: Readonly<Record<string, string>>;
  readonly stanza: StanzaRefusal | undefined;

  /**
   * @param message a sentence for the caller that says what to do; never a secret, never a driver's text.
   * What it quotes of a text that may have spaces goes through `quoted`
   */
  constructor(
    readonly reason: ErrorReason,
    message: string,
    details: { metadata?: Record<string, string>; stanza?: StanzaRefusal; cause?: unknown } = {},
  ) {
    super(withShortWords(message), { cause: details.cause });
    this.metadata = details.metadata ?? {};
    this.stanza = details.stanza;
  }
}

/** Makes the error for a request field that is missing or malformed; `field` in its proto spelling, with a path. */
export function invalidField(field: string, what: string): DoormanError {
  return new DoormanError(ErrorReason.INVALID_FIELD, `${field}: ${what}`, { metadata: { field } });
}
