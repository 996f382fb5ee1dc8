import type { Command } from "commander";
import { Affiliation, OccupantSchema, Role } from "../../client/src/index.js";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import { nameOf } from "./output.js";
import { printPages } from "./pages.js";

/** Adds `doorman occupants`. */
export function addOccupantsCommand(program: Command): void {
  const occupants = program
    .command("occupants")
    .description("list the people in a room")
    .argument("<room>", "the room's JID");
  const examples = [
    "doorman occupants snuggery@chat.example.org",
    "doorman occupants snuggery@chat.example.org --json | jq -r .nickname",
  ];
  withApiOptions(occupants, ...examples).action((roomJid: string, options: ApiOptions) =>
    call(options, ({ rooms }) =>
      printPages(
        options,
        OccupantSchema,
        async (page) => {
          const { occupants, nextPageToken } = await rooms.listOccupants({ roomJid, ...page });
          return { items: occupants, nextPageToken };
        },
        {
          header: ["NICKNAME", "USER", "ROLE", "AFFILIATION", "HATS"],
          row: ({ nickname, userJid, role, affiliation, hats }) => [
            nickname,
            userJid,
            nameOf(Role, role),
            nameOf(Affiliation, affiliation),
            Object.entries(hats)
              .map(([id, { title }]) => title || id)
              .join(", "),
          ],
          empty: `Nobody is in ${roomJid}.`,
        },
      ),
    ),
  );
}
