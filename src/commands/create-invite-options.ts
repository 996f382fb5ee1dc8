import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type CreateInviteRequestSchema, InvitePurpose } from "../../client/src/index.js";
import { parseLifetime } from "../configuration/lifetime.js";
import type { ApiOptions } from "./api-options.js";

/** The options of `doorman invite create`. */
export interface CreateInviteOptions extends ApiOptions {
  host?: string;
  username?: string;
  /** In milliseconds. */
  ttl?: number;
  expireTime?: Date;
  maxUses?: number;
  note?: string;
  requestId?: string;
  purpose?: InvitePurpose;
  inviter?: string;
  /** How many invites to create; absent: one. */
  count?: number;
}

/** Adds the options that say what the invite is like. */
export function withInviteFields(command: Command): Command {
  return command
    .addOption(
      new Option("--purpose <purpose>", `what it is for: ${PURPOSES.join(", ")} (default: account)`)
        .choices(PURPOSES)
        .argParser(readPurpose),
    )
    .option(
      "--inviter <jid>",
      "whose contact the person becomes; for other purposes, whom the page names as inviter",
    )
    .option("--username <name>", "preset the account's name; for a reset, whose password it is")
    .addOption(
      new Option("--ttl <time>", "how long it is valid, such as 12h or 7d (default: the server's)")
        .argParser(readTtl)
        .conflicts("expireTime"),
    )
    .option("--expire-time <time>", "when it ends, such as 2030-01-31T12:00:00Z", readTime)
    .addOption(
      new Option(
        "--count <count>",
        "create so many invites of Doorman's own, all or none, and print their links",
      )
        .argParser(readBulkCount)
        .conflicts("username"),
    )
    .option("--max-uses <count>", "how often it can be redeemed (default: once)", readCount)
    .option("--note <text>", "a note for whoever lists the invites")
    .option("--request-id <id>", "makes the command safe to repeat: the same id, the same invite");
}

/** Writes the options as the call's request. */
export function createInviteRequest(
  options: CreateInviteOptions,
): MessageInitShape<typeof CreateInviteRequestSchema> {
  const { host = "", username = "", maxUses = 0, note = "", requestId = "" } = options;
  const { purpose = InvitePurpose.UNSPECIFIED, inviter: inviterJid = "" } = options;
  const expiration = expirationOf(options);
  return { host, username, maxUses, note, requestId, purpose, inviterJid, expiration };
}

/** The purposes as people type them: "account-and-contact". */
const PURPOSES = Object.values(InvitePurpose)
  .filter((name) => typeof name === "string" && name !== "UNSPECIFIED")
  .map((name) => String(name).toLowerCase().replaceAll("_", "-"));

function readPurpose(text: string): InvitePurpose {
  const index = PURPOSES.indexOf(text);
  // Their numbers begin with 1.
  if (index !== -1) return index + 1;
  throw new InvalidArgumentError(`Expected one of ${PURPOSES.join(", ")}.`);
}

function readBulkCount(text: string): number {
  const count = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0;
  if (count > 0 && count <= 1_000) return count;
  throw new InvalidArgumentError("Expected a number from 1 to 1000.");
}

function expirationOf({ ttl, expireTime }: CreateInviteOptions) {
  if (ttl !== undefined) return { case: "ttl", value: durationFromMs(ttl) } as const;
  if (expireTime) return { case: "expireTime", value: timestampFromDate(expireTime) } as const;
  return { case: undefined };
}

function readTtl(text: string): number {
  const lifetimeMs = parseLifetime(text);
  if (lifetimeMs !== undefined) return lifetimeMs;
  throw new InvalidArgumentError("Expected a time such as 12h or 7d, at most 3650d.");
}

function readTime(text: string): Date {
  // Without a zone the same words would mean another time on another machine.
  const [, year, month, day] =
    /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const time = new Date(text);
  // Date takes the 31st of February for the 3rd of March.
  const isDay =
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  if (isDay && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError("Expected a time with its zone, such as 2030-01-31T12:00:00Z.");
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number from 1 to 1000000.");
}
