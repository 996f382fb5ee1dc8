import { Code } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { DoormanError } from "./doorman-error.js";

/** The defined conditions of RFC 6120 section 8.3.3. */
export type StanzaCondition =
  | "bad-request"
  | "conflict"
  | "feature-not-implemented"
  | "forbidden"
  | "gone"
  | "internal-server-error"
  | "item-not-found"
  | "jid-malformed"
  | "not-acceptable"
  | "not-allowed"
  | "not-authorized"
  | "policy-violation"
  | "recipient-unavailable"
  | "redirect"
  | "registration-required"
  | "remote-server-not-found"
  | "remote-server-timeout"
  | "resource-constraint"
  | "service-unavailable"
  | "subscription-required"
  | "undefined-condition"
  | "unexpected-request";

const CODE_OF_CONDITION: Record<StanzaCondition, Code> = {
  "bad-request": Code.Internal,
  conflict: Code.AlreadyExists,
  "feature-not-implemented": Code.Unimplemented,
  forbidden: Code.PermissionDenied,
  gone: Code.NotFound,
  "internal-server-error": Code.Internal,
  "item-not-found": Code.NotFound,
  "jid-malformed": Code.InvalidArgument,
  "not-acceptable": Code.FailedPrecondition,
  "not-allowed": Code.FailedPrecondition,
  // Never Unauthenticated: the caller's key was right, it is Doorman whom the server refuses.
  "not-authorized": Code.FailedPrecondition,
  "policy-violation": Code.FailedPrecondition,
  "recipient-unavailable": Code.Unavailable,
  redirect: Code.FailedPrecondition,
  "registration-required": Code.FailedPrecondition,
  "remote-server-not-found": Code.Unavailable,
  "remote-server-timeout": Code.Unavailable,
  "resource-constraint": Code.ResourceExhausted,
  "service-unavailable": Code.Unimplemented,
  "subscription-required": Code.FailedPrecondition,
  "undefined-condition": Code.Unknown,
  "unexpected-request": Code.FailedPrecondition,
};

const CODE_OF_REASON: Record<ErrorReason, Code> = {
  [ErrorReason.UNSPECIFIED]: Code.Internal,
  [ErrorReason.INVALID_FIELD]: Code.InvalidArgument,
  [ErrorReason.INVALID_PAGE_TOKEN]: Code.InvalidArgument,
  [ErrorReason.REQUEST_ID_REUSED]: Code.InvalidArgument,
  [ErrorReason.KEY_REQUIRED]: Code.Unauthenticated,
  [ErrorReason.KEY_INVALID]: Code.Unauthenticated,
  [ErrorReason.KEY_EXPIRED]: Code.Unauthenticated,
  [ErrorReason.GRANT_MISSING]: Code.PermissionDenied,
  [ErrorReason.HOST_FORBIDDEN]: Code.PermissionDenied,
  [ErrorReason.HOST_NOT_FOUND]: Code.NotFound,
  [ErrorReason.NOT_A_MUC_SERVICE]: Code.NotFound,
  [ErrorReason.ROOM_NOT_FOUND]: Code.NotFound,
  [ErrorReason.OCCUPANT_NOT_FOUND]: Code.NotFound,
  [ErrorReason.USER_NOT_FOUND]: Code.NotFound,
  [ErrorReason.USER_NOT_AFFILIATED]: Code.NotFound,
  [ErrorReason.CONTACT_NOT_FOUND]: Code.NotFound,
  [ErrorReason.CONTACTS_APP_NOT_CONFIGURED]: Code.FailedPrecondition,
  [ErrorReason.CONTACTS_APP_FAILED]: Code.Unavailable,
  [ErrorReason.INVITE_NOT_FOUND]: Code.NotFound,
  [ErrorReason.INVITE_EXPIRED]: Code.FailedPrecondition,
  [ErrorReason.INVITE_REDEEMED]: Code.FailedPrecondition,
  [ErrorReason.ISSUER_UNSUPPORTED]: Code.Unimplemented,
  [ErrorReason.SERVER_UNAVAILABLE]: Code.Unavailable,
  [ErrorReason.SERVER_NO_ANSWER]: Code.DeadlineExceeded,
  // Without a condition that is known; see codeOfError.
  [ErrorReason.SERVER_REFUSED]: Code.Unknown,
  [ErrorReason.SERVER_LACKS_FEATURE]: Code.Unimplemented,
  [ErrorReason.CHANGE_NOT_APPLIED]: Code.Aborted,
  [ErrorReason.INTERNAL]: Code.Internal,
  [ErrorReason.MALFORMED_REQUEST]: Code.InvalidArgument,
  [ErrorReason.TOO_MANY_CALLS]: Code.ResourceExhausted,
  [ErrorReason.OCCUPANT_JIDS_HIDDEN]: Code.FailedPrecondition,
  [ErrorReason.ROOM_CLOSED]: Code.FailedPrecondition,
  [ErrorReason.USERNAME_TAKEN]: Code.AlreadyExists,
  [ErrorReason.INVITE_REVOKED]: Code.FailedPrecondition,
  [ErrorReason.USER_PROTECTED]: Code.PermissionDenied,
  [ErrorReason.DOORMAN_STOPPING]: Code.Unavailable,
  [ErrorReason.HAT_LIMIT_REACHED]: Code.FailedPrecondition,
};

/** Answers the one status code that every protocol derives its own from. */
export function codeOfError(error: DoormanError): Code {
  if (
    error.reason === ErrorReason.SERVER_REFUSED &&
    error.stanza &&
    isCondition(error.stanza.condition)
  ) {
    return CODE_OF_CONDITION[error.stanza.condition];
  }
  return CODE_OF_REASON[error.reason];
}

function isCondition(text: string): text is StanzaCondition {
  return Object.hasOwn(CODE_OF_CONDITION, text);
}
