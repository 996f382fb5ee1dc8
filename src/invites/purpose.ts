import { InvitePurpose } from "../../gen/doorman/v1/invite_pb.js";
import { invalidField } from "../errors/doorman-error.js";

/** Is what an invite is for, as the database has it. */
export type Purpose = "account" | "account_and_contact" | "contact" | "password_reset" | "group";

const PURPOSE_OF: Readonly<Record<InvitePurpose, Purpose>> = {
  [InvitePurpose.UNSPECIFIED]: "account",
  [InvitePurpose.ACCOUNT]: "account",
  [InvitePurpose.ACCOUNT_AND_CONTACT]: "account_and_contact",
  [InvitePurpose.CONTACT]: "contact",
  [InvitePurpose.PASSWORD_RESET]: "password_reset",
  [InvitePurpose.GROUP]: "group",
};

const MESSAGE_OF: Readonly<Record<Purpose, InvitePurpose>> = {
  account: InvitePurpose.ACCOUNT,
  account_and_contact: InvitePurpose.ACCOUNT_AND_CONTACT,
  contact: InvitePurpose.CONTACT,
  password_reset: InvitePurpose.PASSWORD_RESET,
  group: InvitePurpose.GROUP,
};

/** Reads a request's purpose. @throws INVALID_FIELD */
export function parsePurpose(purpose: InvitePurpose): Purpose {
  const known: Purpose | undefined = PURPOSE_OF[purpose];
  if (known === undefined) throw invalidField("purpose", "is none of the values of InvitePurpose");
  return known;
}

export function purposeMessage(purpose: Purpose): InvitePurpose {
  return MESSAGE_OF[purpose];
}

/** Whether redeeming opens an account. */
export function opensAccount(purpose: Purpose): boolean {
  return purpose === "account" || purpose === "account_and_contact" || purpose === "group";
}

/** Whether redeeming makes contacts of the person and the inviter. */
export function makesContacts(purpose: Purpose): boolean {
  return purpose === "account_and_contact" || purpose === "contact";
}
