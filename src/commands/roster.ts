import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Command, Option } from "commander";
import {
  GetRosterResponseSchema,
  RemoveContactResponseSchema,
  ReplaceRosterResponseSchema,
  SetContactResponseSchema,
  Subscription,
} from "../../client/src/index.js";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import { endOfHelp } from "./exit-status.js";
import { readJson } from "./input.js";
import { columns, nameOf, print } from "./output.js";
import { addRosterRefreshCommand, changesText } from "./roster-refresh.js";

/** Adds `doorman roster`. */
export function addRosterCommand(program: Command): void {
  const roster = program
    .command("roster")
    .description("read, change and refresh users' rosters")
    .addHelpText("after", endOfHelp("doorman roster get john@example.com"));

  const get = withUser(roster.command("get")).description("list a user's contacts");
  const getExamples = [
    "doorman roster get john@example.com",
    "doorman roster get john@example.com --json > john.json",
  ];
  withApiOptions(get, ...getExamples).action((userJid: string, options: ApiOptions) =>
    call(options, async ({ rosters }) => {
      const answer = await rosters.getRoster({ userJid });
      print(options, GetRosterResponseSchema, answer, ({ contacts }) => {
        if (contacts.length === 0) return `${userJid} has no contacts.`;
        const rows = contacts.map(({ jid, name, groups, subscription }) => [
          jid,
          name,
          nameOf(Subscription, subscription),
          groups.join(", "),
        ]);
        return columns([["JID", "NAME", "SUBSCRIPTION", "GROUPS"], ...rows]);
      });
    }),
  );

  const set = withUser(roster.command("set"))
    .description("add a contact to a user's roster, or replace the one with that JID")
    .argument("<contact>", "the contact's JID")
    .option("--name <name>", "the name that the user sees")
    .option("--group <group>", "a group that it is in; repeatable", collect, [])
    .addOption(
      new Option("--subscription <who>", "who sees whose presence")
        .choices(Object.keys(SUBSCRIPTION))
        .default("both"),
    );
  const setExample =
    "doorman roster set john@example.com marie@example.com --name Marie --group Friends";
  withApiOptions(set, setExample).action((userJid: string, jid: string, options: SetOptions) =>
    call(options, async ({ rosters }) => {
      const { name = "", group: groups } = options;
      const subscription = SUBSCRIPTION[options.subscription];
      const contact = { jid, name, groups, subscription };
      const answer = await rosters.setContact({ userJid, contact });
      const done = `${userJid} has the contact ${jid}`;
      print(options, SetContactResponseSchema, answer, () => done);
    }),
  );

  const remove = withUser(roster.command("remove"))
    .description("remove a contact from a user's roster")
    .argument("<contact>", "the contact's JID");
  const removeExample = "doorman roster remove john@example.com michael@example.com";
  withApiOptions(remove, removeExample).action(
    (userJid: string, contactJid: string, options: ApiOptions) =>
      call(options, async ({ rosters }) => {
        const answer = await rosters.removeContact({ userJid, contactJid });
        const done = `${userJid} no longer has the contact ${contactJid}`;
        print(options, RemoveContactResponseSchema, answer, () => done);
      }),
  );

  const replace = withUser(roster.command("replace"))
    .description("make the given contacts a user's whole roster; [] empties it")
    .argument("<file>", "JSON, an array of {jid, name, groups}; - reads standard input");
  const replaceExamples = [
    "doorman roster replace john@example.com contacts.json",
    'echo \'[{"jid":"marie@example.com","name":"Marie"}]\' | doorman roster replace john@example.com -',
  ];
  withApiOptions(replace, ...replaceExamples).action(
    (userJid: string, file: string, options: ApiOptions) =>
      call(options, async ({ rosters }) => {
        const contacts = await readJson(file, readContacts);
        const answer = await rosters.replaceRoster({ userJid, contacts });
        const done = (it: typeof answer) => `${userJid}: ${changesText(it.changes)}`;
        print(options, ReplaceRosterResponseSchema, answer, done);
      }),
  );

  addRosterRefreshCommand(roster);
}

interface SetOptions extends ApiOptions {
  name?: string;
  group: string[];
  subscription: keyof typeof SUBSCRIPTION;
}

const SUBSCRIPTION = {
  none: Subscription.NONE,
  to: Subscription.TO,
  from: Subscription.FROM,
  both: Subscription.BOTH,
};

function withUser(command: Command): Command {
  return command.argument("<user>", "the user's JID");
}

function collect(group: string, groups: string[]): string[] {
  return [...groups, group];
}

/** Takes an array of contacts, and what `roster get --json` prints; not {}, which would empty the roster by mistake. */
function readContacts(json: unknown) {
  const contacts = typeof json === "object" && json && "contacts" in json ? json.contacts : json;
  if (!Array.isArray(contacts)) throw new Error("expected an array of contacts");
  return fromJson(GetRosterResponseSchema, { contacts: contacts as JsonValue }).contacts;
}
