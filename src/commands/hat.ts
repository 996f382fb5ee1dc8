import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import type { Command } from "commander";
import {
  AddUserHatResponseSchema,
  GetUserHatsResponseSchema,
  RemoveUserHatResponseSchema,
  SetUserHatsResponseSchema,
  UserHatsSchema,
} from "../../client/src/index.js";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import { endOfHelp } from "./exit-status.js";
import { readJson } from "./input.js";
import { columns, oneLine, print } from "./output.js";
import { printPages } from "./pages.js";

const ROOM = "room@conference.localhost";
const WHOSE = `${ROOM} user@localhost`;
const HAT = "https://example.com/hats/host";

/** Adds `doorman hat`. */
export function addHatCommand(program: Command): void {
  const hat = program
    .command("hat")
    .description("give, take and list the hats of a room's members")
    .addHelpText("after", endOfHelp(`doorman hat list ${WHOSE}`));

  const add = withRoomAndUser(hat.command("add"))
    .description("give a user a hat, or replace what is attached to it; the room sees it at once")
    .argument("<hat-id>", "the hat's id, a URI")
    .option("--title <text>", "the hat's label for people")
    .option("--required", "the user cannot take it off")
    .option("--inactive", "keep it for the user and do not show it in the room");
  withApiOptions(add, `doorman hat add ${WHOSE} ${HAT} --title Host`).action(
    (roomJid: string, userJid: string, hatId: string, options: AddOptions) =>
      call(options, async ({ hats }) => {
        const attachment = {
          active: !options.inactive,
          required: options.required ?? false,
          title: options.title ?? "",
        };
        const answer = await hats.addUserHat({ userJid, roomJid, hatId, attachment });
        print(options, AddUserHatResponseSchema, answer, () => `${userJid} has the hat ${hatId}`);
      }),
  );

  const remove = withRoomAndUser(hat.command("remove"))
    .description("take a hat from a user")
    .argument("<hat-id>", "the hat's id");
  withApiOptions(remove, `doorman hat remove ${WHOSE} ${HAT}`).action(
    (roomJid: string, userJid: string, hatId: string, options: ApiOptions) =>
      call(options, async ({ hats }) => {
        const answer = await hats.removeUserHat({ userJid, roomJid, hatId });
        const done = `${userJid} does not have the hat ${hatId}`;
        print(options, RemoveUserHatResponseSchema, answer, () => done);
      }),
  );

  const set = withRoomAndUser(hat.command("set"))
    .description("make the given hats all the hats that a user has; {} takes them all")
    .argument("<file>", "JSON, hat ids to {active, required, title}; - reads standard input");
  const setExamples = [
    `doorman hat set ${WHOSE} hats.json`,
    `echo '{"${HAT}":{"active":true,"title":"Host"}}' | doorman hat set ${WHOSE} -`,
  ];
  withApiOptions(set, ...setExamples).action(
    (roomJid: string, userJid: string, file: string, options: ApiOptions) =>
      call(options, async ({ hats: client }) => {
        const hats = await readJson(file, readHats);
        const answer = await client.setUserHats({ userJid, roomJid, hats });
        const done = `${userJid} has exactly these hats: ${Object.keys(hats).join(", ") || "none"}`;
        print(options, SetUserHatsResponseSchema, answer, () => oneLine(done));
      }),
  );

  const list = hat
    .command("list")
    .description("list the hats that one user, or everybody, has in a room; inactive ones too")
    .argument("<room>", "the room's JID")
    .argument("[user]", "the user's JID (default: everybody who has hats there)");
  const listExamples = [`doorman hat list ${WHOSE}`, `doorman hat list ${ROOM}`];
  withApiOptions(list, ...listExamples).action(
    (roomJid: string, userJid: string | undefined, options: ApiOptions) =>
      userJid === undefined ? listRoom(roomJid, options) : listUser(roomJid, userJid, options),
  );
}

function listUser(roomJid: string, userJid: string, options: ApiOptions) {
  return call(options, async ({ hats }) => {
    const answer = await hats.getUserHats({ userJid, roomJid });
    print(options, GetUserHatsResponseSchema, answer, ({ hats }) => {
      const rows = Object.entries(hats).map(([id, { active, required, title }]) => [
        id,
        active ? "yes" : "no",
        required ? "yes" : "no",
        title,
      ]);
      if (rows.length === 0) return `${userJid} has no hats in ${roomJid}.`;
      return columns([["ID", "ACTIVE", "REQUIRED", "TITLE"], ...rows]);
    });
  });
}

function listRoom(roomJid: string, options: ApiOptions) {
  return call(options, ({ hats }) =>
    printPages(
      options,
      UserHatsSchema,
      async (page) => {
        const { users, nextPageToken } = await hats.listRoomHats({ roomJid, ...page });
        return { items: users, nextPageToken };
      },
      {
        header: ["USER", "HATS"],
        row: ({ userJid, hats }) => [
          userJid,
          Object.entries(hats)
            .map(([id, { active, title }]) => `${title || id}${active ? "" : " (inactive)"}`)
            .join(", "),
        ],
        empty: `Nobody has hats in ${roomJid}.`,
      },
    ),
  );
}

interface AddOptions extends ApiOptions {
  title?: string;
  required?: true;
  inactive?: true;
}

function withRoomAndUser(command: Command): Command {
  return command.argument("<room>", "the room's JID").argument("<user>", "the user's JID");
}

/** Takes the map, and what `hat list --json` prints. A hat's id is a URI, so no hat is called "hats". */
function readHats(json: unknown) {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Error("expected an object of hat ids");
  }
  const isPrinted = "hats" in json;
  if (
    isPrinted &&
    (Object.keys(json).length > 1 || typeof json.hats !== "object" || json.hats === null)
  ) {
    throw new Error('expected an object of hat ids, or one below "hats" alone');
  }
  const hats = (isPrinted ? json.hats : json) as JsonValue;
  return fromJson(GetUserHatsResponseSchema, { hats }).hats;
}
