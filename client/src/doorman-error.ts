import { create } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import {
  type ErrorDetail,
  ErrorDetailSchema,
  type ErrorReason,
  type StanzaError,
} from "../../gen/doorman/v1/error_pb.js";

/**
 * Is what every failed call throws: a ConnectError, so `code` and `rawMessage` are there, with
 * Doorman's typed detail decoded. Switch on `reason`, never on the message.
 */
export class DoormanError extends ConnectError {
  /** The whole detail; its `metadata` says what the reason is about. Empty when Doorman sent none. */
  readonly detail: ErrorDetail;

  // The name stays "ConnectError": `instanceof ConnectError` goes by it.
  constructor(error: ConnectError) {
    super(error.rawMessage, error.code, error.metadata, undefined, error.cause);
    this.details = error.details;
    this.detail = error.findDetails(ErrorDetailSchema)[0] ?? create(ErrorDetailSchema);
  }

  /**
   * Why the call failed. UNSPECIFIED when the failure is none of Doorman's own answers: the deadline
   * passed here, the call was cancelled, nobody answered, or something else did.
   */
  get reason(): ErrorReason {
    return this.detail.reason;
  }

  /** How the chat server refused: its condition, type, by and text. Absent unless it did. */
  get stanza(): StanzaError | undefined {
    return this.detail.stanza;
  }

  /** ConnectError's own test, which this class would inherit, holds for every ConnectError. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof ConnectError && "detail" in value;
  }
}
