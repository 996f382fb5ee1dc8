import * as assert from "uvu/assert";
import type { DebianRelease } from "./support/debian-release.js";
import { diagnose, fixesOf, toConfigure } from "./support/doctor.js";
import { startEjabberd } from "./support/ejabberd.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";
import { pasteYaml } from "./support/paste.js";
import { PROSODY_PASSWORD } from "./support/prosody-configuration.js";
import { suite } from "./support/suite.js";
import { TestContactsApp } from "./support/test-contacts-app.js";
import { XmppUser } from "./support/xmpp-user.js";

const ROOM = "snuggery@chat.example.org";
const SERVERS: readonly [server: string, DebianRelease][] = [
  ["ejabberd 23.01", "12"],
  ["ejabberd 24.12", "13"],
];
const ROOMS = ["KICK_OCCUPANTS", "KICK_USERS", "LIST_OCCUPANTS", "MANAGE_AFFILIATIONS"];
const API = ["KICK_USERS", "READ_ROSTERS", "WRITE_ROSTERS", "REFRESH_ROSTERS"];

interface Case {
  without: string;
  /** What is taken out of the operators' file. */
  remove?: (configuration: string) => string;
  /** What is taken out of Doorman's own configuration. */
  removeOwn?: (configuration: string) => string;
  unready: string[];
}

const CASES: Case[] = [
  {
    without: "Doorman among the administrators of rooms",
    remove: out(/(access_admin:\n +- allow: admin\n) +- allow: doorman\n/, "$1"),
    unready: [...ROOMS, "GIVE_HATS", "LIST_HATS"],
  },
  {
    without: "hats in rooms",
    remove: out(/ +default_room_options:\n(?: +#.*\n)* +enable_hats: true\n/),
    unready: ["GIVE_HATS", "LIST_HATS"],
  },
  {
    without: "permission for the commands that change rosters",
    remove: out(/ +- add_rosteritem\n +- delete_rosteritem\n/),
    unready: ["WRITE_ROSTERS", "REFRESH_ROSTERS"],
  },
  {
    without: "permission for the commands that look into rooms",
    remove: out(/ +- muc_online_rooms\n +- get_room_occupants\n/),
    unready: ["KICK_USERS"],
  },
  {
    without: "any permission for the API",
    remove: out(/^api_permissions:\n(?: .*\n)+/m),
    unready: API,
  },
  {
    without: "the API",
    remove: out(/^listen:\n(?: .*\n)+/m),
    unready: API,
  },
  {
    without: "the API in Doorman's own configuration",
    removeOwn: out(/ +ejabberd_api: .*\n/),
    unready: API,
  },
  {
    without: "the permission to open accounts",
    remove: out(/(configure:\n +- allow: admin\n) +- allow: doorman\n/, "$1"),
    unready: ["CREATE_INVITES", "CREATE_ACCOUNTS"],
  },
  {
    without: "a word on who issues invites",
    removeOwn: out(/^invites: .*\n/m),
    unready: ["CREATE_INVITES"],
  },
];

interface Context {
  release: DebianRelease;
  contactsApp: TestContactsApp;
}

for (const [server, release] of SERVERS) {
  const suiteName = `doctor: ${server}`;
  if (!ejabberdIsThere(suiteName, release)) continue;
  const doctor = suite<Context>(suiteName);

  doctor.before.each(async (context) => {
    context.release = release;
    context.contactsApp = await TestContactsApp.start();
  });
  doctor.after.each(async ({ contactsApp }) => contactsApp?.close());

  doctor("on the configuration that operators copy has nothing to say", async (context) => {
    assert.equal(toConfigure((await look(context, same, same)).report), []);
  });

  for (const { without, remove = same, removeOwn = same, unready } of CASES) {
    doctor(`without ${without} has the lines that bring it`, async (context) => {
      const { report, apiUrl } = await look(context, remove, removeOwn);
      assert.equal(toConfigure(report), unready);

      // Where the example has ejabberd's usual port, an administrator writes the real one.
      const fixes = fixesOf(report);
      const paste = (file: string, text: string) =>
        fixes
          .filter((fix) => fix.file === file && !fix.lines.startsWith("listen:\n  - port: 5282"))
          .reduce(pasteYaml, text);
      const { report: after } = await look(
        context,
        (text, port) => paste("ejabberd.yml", remove(text)).replaceAll(portOf(apiUrl), port),
        (text) =>
          paste("doorman.yaml", removeOwn(text)).replace("http://127.0.0.1:5282/api", "API_URL"),
      );
      assert.equal(toConfigure(after), []);
    });
  }

  doctor.run();
}

async function look(
  { release, contactsApp }: Context,
  alter: (configuration: string, apiPort: string) => string,
  alterOwn: (configuration: string) => string,
) {
  const ejabberd = await startEjabberd({
    release,
    alter: (text) => alter(text, /port: (\d+)/.exec(text)?.[1] ?? ""),
  });
  try {
    const alice = await XmppUser.login(ejabberd, "alice");
    // Whether Doorman may administer rooms shows in one of somebody else's.
    await alice.joinRoom(ROOM, "Alice");
    const yaml = alterOwn(`hosts:
  example.com:
    muc: [chat.example.org]
    roster_url: ${contactsApp.rosterUrl}
xmpp:
  service: ${ejabberd.service}
  jid: doorman@example.com
  password_file: password.txt
  ejabberd_api: API_URL
invites: { issuer: doorman }
`).replace("API_URL", ejabberd.apiUrl);
    const report = await diagnose(yaml, PROSODY_PASSWORD, "example.com");
    await alice.close();
    return { report, apiUrl: ejabberd.apiUrl };
  } finally {
    await ejabberd.stop();
  }
}

function portOf(url: string): string {
  return new URL(url).port;
}

function same(text: string): string {
  return text;
}

/** Takes the first thing like a pattern out of a text, or puts another in its place. */
function out(pattern: RegExp, replacement = ""): (text: string) => string {
  return (text) => {
    const altered = text.replace(pattern, replacement);
    if (altered === text) throw new Error(`there is nothing like ${pattern}`);
    return altered;
  };
}
