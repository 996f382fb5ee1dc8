import type { Command } from "commander";
import { renderUnicodeCompact } from "uqr";
import { type Invite, InvitePurpose, InviteState } from "../../client/src/index.js";
import { columns, nameOf, timeOf } from "./output.js";

/** Whether to draw the QR code. Absent: when the output is a terminal. */
export interface QrOption {
  qr?: boolean;
}

/** Adds the option that turns the QR code on or off. */
export function withQrOption(command: Command): Command {
  return command
    .option("--qr", "draw the QR code even when the output is not a terminal")
    .option("--no-qr", "draw no QR code");
}

/** Describes an invite for people: its fields a line each, and the QR code of its link. */
export function inviteText(invite: Invite | undefined, { qr }: QrOption): string {
  if (invite === undefined) return "";
  const link = invite.landingPageUrl || invite.uri;
  const fields: [string, string][] = [
    ["Token", invite.token],
    ["Id", invite.id],
    ["Page", invite.landingPageUrl],
    ["URI", invite.uri],
    ["Purpose", purposeName(invite.purpose)],
    ["Inviter", invite.inviterJid],
    ["Host", invite.host],
    ["Username", invite.username],
    ["State", nameOf(InviteState, invite.state)],
    ["Uses", `${invite.uses} of ${invite.maxUses}`],
    ["Created", timeOf(invite.createTime)],
    ["Expires", timeOf(invite.expireTime)],
    ["Note", invite.note],
    ...invite.redeemedBy.map(({ userJid, redeemTime }): [string, string] => [
      "Redeemed",
      `by ${userJid} at ${timeOf(redeemTime)}`,
    ]),
  ];
  const text = columns(fields.filter(([, value]) => value !== ""));
  return link !== "" && (qr ?? process.stdout.isTTY) ? `${text}\n\n${qrCode(link)}` : text;
}

/** Returns a purpose as it is typed: "account-and-contact". */
export function purposeName(purpose: InvitePurpose): string {
  return nameOf(InvitePurpose, purpose).replaceAll("_", "-");
}

/** Black on white whatever the terminal's colours, since many readers know no other. */
function qrCode(link: string): string {
  const lines = renderUnicodeCompact(link, { border: 2 }).split("\n");
  // A full block is a white square: white on black.
  return lines.map((line) => `\u001b[97;40m${line}\u001b[0m`).join("\n");
}
