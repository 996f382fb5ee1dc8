import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import type { DoormanError } from "../../errors/doorman-error.js";
import { quoted } from "../../errors/quote.js";
import type { Filled, FormKind } from "./account-form.js";
import type { Closed } from "./closed-page.js";

/** Answers what became of an invite that could not be redeemed; undefined when it still can. */
export function closedByError({ reason }: DoormanError): Closed | undefined {
  switch (reason) {
    case ErrorReason.INVITE_NOT_FOUND:
      return "unknown";
    case ErrorReason.INVITE_EXPIRED:
      return "expired";
    case ErrorReason.INVITE_REDEEMED:
      return "redeemed";
    case ErrorReason.INVITE_REVOKED:
      return "revoked";
    default:
      return undefined;
  }
}

/**
 * Answers which field a refusal is about, or that it is about none, in the visitor's words.
 * @param isPreset whether the invite gives the name, so that another cannot be chosen
 */
export function problemsOfError(
  { reason, metadata }: DoormanError,
  kind: FormKind,
  { userJid, isPreset }: { userJid: string; isPreset: boolean },
): Filled["problems"] {
  const parts = { address: quoted(userJid) };
  switch (reason) {
    case ErrorReason.USERNAME_TAKEN:
      return { username: { text: isPreset ? "preset_taken" : "username_taken", parts } };
    case ErrorReason.INVALID_FIELD:
      if (metadata.field === "username") {
        return { username: { text: isPreset ? "preset_refused" : "username_refused", parts } };
      }
      if (kind === "contact") return { password: { text: "wrong_password" } };
      return { password: { text: "password_forbidden" } };
    case ErrorReason.USER_PROTECTED:
      if (kind === "reset") return { form: { text: "server_refuses" } };
      return { username: { text: kind === "register" ? "username_reserved" : "username_refused" } };
    case ErrorReason.TOO_MANY_CALLS:
      if (metadata.field === "password") return { password: { text: "too_many_passwords" } };
      return { form: { text: "server_away" } };
    case ErrorReason.SERVER_UNAVAILABLE:
      return { form: { text: "server_away" } };
    case ErrorReason.SERVER_NO_ANSWER:
      return { form: { text: "server_no_answer" } };
    default:
      return { form: { text: "server_refuses" } };
  }
}
