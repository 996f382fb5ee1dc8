import type { Command } from "commander";
import {
  type Doorman,
  KickOccupantResponseSchema,
  KickUserResponseSchema,
} from "../../client/src/index.js";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import { inCommandWords } from "./command-words.js";
import { CommandFailure, ExitStatus } from "./exit-status.js";
import { columns, oneLine, print } from "./output.js";

interface KickOptions extends ApiOptions {
  user?: string;
  /** A MUC domain; true: all of the key's host. */
  allRooms?: string | true;
  reason?: string;
}

/** Adds `doorman kick`. */
export function addKickCommand(program: Command): void {
  const kick = program
    .command("kick")
    .description("kick people out of rooms, and return when they have left")
    .usage("[options] <room> <nickname> | <room> --user <jid> | --all-rooms[=domain] --user <jid>")
    .argument("[room]", "the room's JID; none with --all-rooms")
    .argument("[nickname]", "the occupant's nickname; none with --user")
    .option("--user <jid>", "the user whose sessions are all kicked")
    .option("--all-rooms [domain]", "out of every room of the domain, or of the key's host")
    .option("--reason <text>", "why, for those who are kicked and the room");
  const examples = [
    'doorman kick snuggery@chat.example.org Bob --reason "Avaunt, you cullion!"',
    "doorman kick snuggery@chat.example.org --user bob@example.com",
    "doorman kick --all-rooms=chat.example.org --user bob@example.com",
  ];
  withApiOptions(kick, ...examples).action(
    (roomJid: string | undefined, nickname: string | undefined, options: KickOptions) =>
      call(options, async (doorman) => {
        requireUsage(roomJid, nickname, options);
        if (options.allRooms !== undefined) await kickOutOfAll(doorman, options);
        else await kickOutOf(doorman, roomJid ?? "", nickname ?? "", options);
      }),
  );
}

/** @throws CommandFailure */
function requireUsage(
  roomJid: string | undefined,
  nickname: string | undefined,
  { user, allRooms }: KickOptions,
): void {
  const wrong =
    allRooms !== undefined
      ? (user === undefined && "--all-rooms needs --user") ||
        (roomJid !== undefined &&
          "--all-rooms takes no room; a domain follows it as --all-rooms=DOMAIN")
      : (roomJid === undefined && "missing required argument <room>") ||
        (nickname === undefined &&
          user === undefined &&
          "missing required argument <nickname>, or --user") ||
        (nickname !== undefined && user !== undefined && "name a nickname or --user, not both");
  if (wrong) throw new CommandFailure(wrong, ExitStatus.USAGE);
}

async function kickOutOf(
  { rooms }: Doorman,
  roomJid: string,
  nickname: string,
  options: KickOptions,
): Promise<void> {
  const { user: userJid = "", reason = "" } = options;
  const answer = await rooms.kickOccupant({ roomJid, nickname, userJid, reason });
  print(options, KickOccupantResponseSchema, answer, ({ nicknames }) => {
    const verb = nicknames.length === 1 ? "has" : "have";
    return oneLine(`${nicknames.join(", ")} ${verb} left ${roomJid}`);
  });
}

async function kickOutOfAll({ rooms }: Doorman, options: KickOptions): Promise<void> {
  const { user: userJid = "", allRooms, reason = "" } = options;
  const mucDomain = typeof allRooms === "string" ? allRooms : "";
  const answer = await rooms.kickUser({ userJid, mucDomain, reason });
  print(options, KickUserResponseSchema, answer, (kicked) => {
    if (kicked.rooms.length === 0) return `${userJid} is in no room.`;
    return columns(
      kicked.rooms.map(({ roomJid, nicknames, error }) => [
        roomJid,
        error === undefined
          ? `${nicknames.join(", ")} left`
          : `failed: ${inCommandWords(error.message)}`,
      ]),
    );
  });
  if (answer.failed > 0) process.exitCode = ExitStatus.SOME_FAILED;
}
