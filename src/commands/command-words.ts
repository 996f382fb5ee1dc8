import type { Command } from "commander";

/** The command that makes each call of the contract. */
export const COMMAND_OF_METHOD: Record<string, string> = {
  CreateInvite: "doorman invite create",
  BulkCreateInvites: "doorman invite create --count",
  GetInvite: "doorman invite show",
  ListInvites: "doorman invite list",
  ListRedemptions: "doorman invite redemptions",
  RevokeInvite: "doorman invite revoke",
  ResendInvite: "doorman invite resend",
  RedeemInvite: "doorman invite redeem",
  KickOccupant: "doorman kick",
  KickUser: "doorman kick --all-rooms",
  ListOccupants: "doorman occupants",
  SetAffiliation: "doorman affiliation set",
  ListAffiliations: "doorman affiliation list",
  GetRoster: "doorman roster get",
  SetContact: "doorman roster set",
  RemoveContact: "doorman roster remove",
  ReplaceRoster: "doorman roster replace",
  RefreshRosters: "doorman roster refresh",
  RefreshRostersWithProgress: "doorman roster refresh",
  AddUserHat: "doorman hat add",
  RemoveUserHat: "doorman hat remove",
  SetUserHats: "doorman hat set",
  GetUserHats: "doorman hat list",
  ListRoomHats: "doorman hat list",
  GetCapabilities: "doorman doctor",
};

/** Fields whose argument or option is not called as they are. */
const NAME_OF_FIELD: Record<string, string> = {
  "contact.jid": "contact",
  "contact.groups": "group",
  muc_domain: "all-rooms",
};

/** Writes a message of the service in the words of the command line: its commands, and not its calls. */
export function inCommandWords(message: string): string {
  return (
    message
      // Only calls of the sandbox's own service do this, and no command.
      .replace(/, or (?:make|open) it with \w+ of doorman\.sandbox\.v1\.SandboxService/, "")
      .replace(/\b[A-Z][a-z]+[A-Z][A-Za-z]+\b/g, (word) =>
        Object.hasOwn(COMMAND_OF_METHOD, word) ? `"${COMMAND_OF_METHOD[word]}"` : word,
      )
  );
}

/**
 * Writes the error of a call in the words of the command that made it: "room_jid: is required" becomes
 * "<room>: is required".
 * @param field the field of the request that the error is about; undefined when it is about none
 */
export function errorInCommandWords(
  message: string,
  field: string | undefined,
  command: Command,
): string {
  const text = inCommandWords(message);
  if (field === undefined || !text.startsWith(`${field}: `)) return text;
  return `${wordOf(field, command)}: ${text.slice(field.length + 2)}`;
}

/** Returns the argument or option that a field of the request is filled from. */
function wordOf(field: string, command: Command): string {
  // `--count` sends the same invite several times.
  const path = field.replace(/^invites\[\d+\]\./, "").replace(/\[\d+\]$/, "");
  const last = path.split(".").at(-1) ?? path;
  const name = NAME_OF_FIELD[path] ?? last.replace(/_jid$/, "").replaceAll("_", "-");
  const names = (argument: string) =>
    command.registeredArguments.some((it) => it.name() === argument);
  if (!path.includes("[") && names(name)) return `<${name}>`;
  if (command.options.some(({ long }) => long === `--${name}`)) return `--${name}`;
  // A place inside of the JSON file.
  if (names("file")) return `<file>: ${field}`;
  return field === "password" ? "the password" : field.replaceAll("_", " ");
}
