import type { Command } from "commander";
import { KickOccupantResponseSchema } from "doorman-xmpp-client";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import { print } from "./output.js";

/** Adds `doorman kick`. */
export function addKickCommand(program: Command): void {
  const kick = program
    .command("kick")
    .description("kick an occupant out of a room, and return when the occupant has left")
    .argument("<room>", "the room's JID")
    .argument("<nickname>", "the occupant's nickname")
    .option("--reason <text>", "why, for the occupant and the room");
  const example = 'doorman kick snuggery@chat.example.org Bob --reason "Avaunt, you cullion!"';
  withApiOptions(kick, example).action(
    (roomJid: string, nickname: string, options: ApiOptions & { reason?: string }) =>
      call(options, async ({ rooms }) => {
        const answer = await rooms.kickOccupant({
          roomJid,
          nickname,
          reason: options.reason ?? "",
        });
        print(options, KickOccupantResponseSchema, answer, () => `${nickname} has left ${roomJid}`);
      }),
  );
}
