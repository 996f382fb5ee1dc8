import { type Command, Option } from "commander";
import {
  Affiliation,
  SetAffiliationResponseSchema,
  UserAffiliationSchema,
} from "../../client/src/index.js";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import { endOfHelp } from "./exit-status.js";
import { nameOf, print } from "./output.js";
import { printPages } from "./pages.js";

const AFFILIATIONS = {
  none: Affiliation.NONE,
  member: Affiliation.MEMBER,
  admin: Affiliation.ADMIN,
  owner: Affiliation.OWNER,
  outcast: Affiliation.OUTCAST,
};

type AffiliationName = keyof typeof AFFILIATIONS;

/** Adds `doorman affiliation`. */
export function addAffiliationCommand(program: Command): void {
  const affiliation = program
    .command("affiliation")
    .description(
      "list and change who is a member, an admin or an owner of a room, or banned from it",
    )
    .addHelpText("after", endOfHelp("doorman affiliation list snuggery@chat.example.org"));

  const set = affiliation
    .command("set")
    .description("give a user an affiliation with a room; outcast bans, none takes it away")
    .argument("<room>", "the room's JID")
    .argument("<user>", "the user's JID")
    .addArgument(
      program.createArgument("<affiliation>", "the affiliation").choices(Object.keys(AFFILIATIONS)),
    )
    .option("--reason <text>", "why, for the user and the room");
  const setExamples = [
    "doorman affiliation set snuggery@chat.example.org marie@example.com admin",
    "doorman affiliation set snuggery@chat.example.org bob@example.com outcast",
  ];
  withApiOptions(set, ...setExamples).action(
    (
      roomJid: string,
      userJid: string,
      name: AffiliationName,
      options: ApiOptions & { reason?: string },
    ) =>
      call(options, async ({ rooms }) => {
        const { reason = "" } = options;
        const change = { roomJid, userJid, affiliation: AFFILIATIONS[name], reason };
        const answer = await rooms.setAffiliation(change);
        const done = `The affiliation of ${userJid} with ${roomJid} is ${name}`;
        print(options, SetAffiliationResponseSchema, answer, () => done);
      }),
  );

  const list = affiliation
    .command("list")
    .description("list those who have an affiliation with a room")
    .argument("<room>", "the room's JID")
    .addOption(
      new Option("--affiliation <affiliation>", "only those who have this one").choices(
        Object.keys(AFFILIATIONS).filter((name) => name !== "none"),
      ),
    );
  const listExamples = [
    "doorman affiliation list snuggery@chat.example.org",
    "doorman affiliation list snuggery@chat.example.org --affiliation outcast",
  ];
  withApiOptions(list, ...listExamples).action(
    (roomJid: string, options: ApiOptions & { affiliation?: AffiliationName }) =>
      call(options, ({ rooms }) => {
        const only = options.affiliation && AFFILIATIONS[options.affiliation];
        return printPages(
          options,
          UserAffiliationSchema,
          async (page) => {
            const wanted = { roomJid, affiliation: only ?? Affiliation.UNSPECIFIED, ...page };
            const { affiliations, nextPageToken } = await rooms.listAffiliations(wanted);
            return { items: affiliations, nextPageToken };
          },
          {
            header: ["USER", "AFFILIATION"],
            row: (one) => [one.userJid, nameOf(Affiliation, one.affiliation)],
            empty: `Nobody has such an affiliation with ${roomJid}.`,
          },
        );
      }),
  );
}
