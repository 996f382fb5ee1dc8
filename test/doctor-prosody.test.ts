import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import type { DebianRelease } from "./support/debian-release.js";
import { diagnose, fixesOf, toConfigure } from "./support/doctor.js";
import { pasteLua, pasteYaml } from "./support/paste.js";
import { startProsody } from "./support/prosody.js";
import { PROSODY_PASSWORD, type ProsodyOptions } from "./support/prosody-configuration.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";
import { TestContactsApp } from "./support/test-contacts-app.js";

const HATS_FOR_TESTS = fileURLToPath(
  new URL("../../test/prosody-modules/mod_muc_hats_adhoc_for_tests.lua", import.meta.url),
);

const SERVERS: readonly [server: string, DebianRelease][] = [
  ["Prosody 0.12", "12"],
  ["Prosody 13.0", "13"],
];
const ROOMS = ["KICK_OCCUPANTS", "KICK_USERS", "LIST_OCCUPANTS", "MANAGE_AFFILIATIONS"];
const ROSTERS = ["READ_ROSTERS", "WRITE_ROSTERS", "REFRESH_ROSTERS", "REFRESH_AT_LOGIN"];

interface Case {
  without: string;
  /** What is taken out of, or altered in, the operators' file, whose names and lists stand in place. */
  remove?: (configuration: string) => string;
  options?: ProsodyOptions;
  host?: string;
  /** Under the host in Doorman's configuration, beside its contacts app. */
  hostSettings?: string;
  unready: string[];
  /** What an administrator puts in the place of an example. */
  rename?: [string, string];
}

const CASES: Case[] = [
  {
    without: "Doorman among the administrators of the host",
    remove: inSection('VirtualHost "example.com"', /^\s*admins = .*\n/m),
    unready: [...ROSTERS, "CREATE_INVITES", "CREATE_ACCOUNTS"],
  },
  {
    without: "Doorman among the administrators of the rooms",
    remove: inSection('Component "chat.example.org" "muc"', /^\s*admins = .*\n/m),
    unready: [...ROOMS, "GIVE_HATS", "LIST_HATS"],
  },
  {
    without: "mod_privilege",
    remove: inSection('VirtualHost "example.com"', /^.*"privilege";.*\n/m),
    unready: ROSTERS,
  },
  {
    without: "privileges",
    remove: inSection('VirtualHost "example.com"', /^\s*privileged_entities = .*\n/m),
    unready: ROSTERS,
  },
  {
    without: "the privilege to change rosters",
    remove: inSection('VirtualHost "example.com"', /roster = "both"/, 'roster = "get"'),
    unready: ["WRITE_ROSTERS", "REFRESH_ROSTERS", "REFRESH_AT_LOGIN"],
  },
  {
    without: "the privilege to be told of logins",
    remove: inSection('VirtualHost "example.com"', /, presence = "managed_entity"/),
    unready: ["REFRESH_AT_LOGIN"],
  },
  {
    without: "mod_privilege_other_hosts, looking at another host than Doorman's own",
    remove: inSection('VirtualHost "example.com"', /^.*"privilege_other_hosts";.*\n/m),
    host: "localhost",
    unready: ["READ_ROSTERS", "WRITE_ROSTERS", "REFRESH_ROSTERS"],
  },
  {
    without: "mod_admin_adhoc",
    remove: inSection('VirtualHost "example.com"', /^.*"admin_adhoc";.*\n/m),
    unready: [...ROSTERS, "CREATE_ACCOUNTS"],
  },
  {
    without: "mod_invites_adhoc",
    remove: inSection('VirtualHost "example.com"', /^.*"invites_adhoc";.*\n/m),
    unready: ["CREATE_INVITES"],
  },
  {
    without: "mod_invites_register, so that nobody could redeem an invite",
    remove: inSection('VirtualHost "example.com"', /^.*"invites_register";.*\n/m),
    unready: ["CREATE_INVITES"],
  },
  {
    without: "a module for hats",
    options: { mucModules: [] },
    unready: ["GIVE_HATS"],
  },
  {
    without: "a word on where the rooms are",
    remove: inSection('VirtualHost "example.com"', /^\s*disco_items = .*\n/m),
    unready: [...ROOMS, "GIVE_HATS", "LIST_HATS"],
    rename: ["conference.example.com", "chat.example.org"],
  },
  {
    without: "rooms at the configured domain",
    hostSettings: "    muc: [rooms.example.com]\n",
    options: { mucModules: [] },
    unready: [...ROOMS, "GIVE_HATS", "LIST_HATS"],
  },
];

interface Context {
  release: DebianRelease;
  contactsApp: TestContactsApp;
  modules: string;
}

for (const [server, release] of SERVERS) {
  const suiteName = `doctor: ${server}`;
  if (!prosodyIsThere(suiteName, release)) continue;
  const doctor = suite<Context>(suiteName);

  doctor.before.each(async (context) => {
    context.release = release;
    context.contactsApp = await TestContactsApp.start();
    context.modules = mkdtempSync(join(tmpdir(), "doorman-test-"));
    // Under the name of the community module, which Debian does not have.
    copyFileSync(HATS_FOR_TESTS, join(context.modules, "mod_muc_hats_adhoc.lua"));
  });
  doctor.after.each(async ({ contactsApp, modules }) => {
    await contactsApp?.close();
    rmSync(modules, { recursive: true, force: true });
  });

  doctor("on the configuration that operators copy has nothing to say", async (context) => {
    const yaml = doormanYaml(context, "example.com");
    assert.equal(toConfigure(await look(context, {}, yaml, "example.com")), []);
  });

  for (const { without, remove, host = "example.com", unready, ...rest } of CASES) {
    doctor(`without ${without} has the lines that bring it`, async (context) => {
      const altered = (text: string) => remove?.(inPlace(text)) ?? inPlace(text);
      const yaml = doormanYaml(context, host, rest.hostSettings);
      const before = await look(context, { ...rest.options, alter: altered }, yaml, host);
      assert.equal(toConfigure(before), unready);

      const fixes = fixesOf(before);
      const [example, own] = rest.rename ?? ["", ""];
      const pasted = fixes
        .filter(({ file }) => file === "prosody.cfg.lua")
        .reduce((text, fix) => (state) => pasteLua(text(state), fix), altered);
      const pastedYaml = fixes
        .filter(({ file }) => file === "doorman.yaml")
        .reduce((text, fix) => pasteYaml(text, fix).replaceAll(example || "\0", own), yaml);
      const after = await look(context, { ...rest.options, alter: pasted }, pastedYaml, host);
      const left = toConfigure(after);
      // New rooms have no module for hats yet: that is the next thing that it says.
      const isNext = without.startsWith("rooms at") && left.length === 1;
      assert.equal(isNext ? left : left.join(), isNext ? ["GIVE_HATS"] : "");
    });
  }

  doctor.run();
}

async function look(
  { release, modules }: Context,
  options: ProsodyOptions,
  yaml: string,
  host: string,
): ReturnType<typeof diagnose> {
  const prosody = await startProsody({ release, pluginPaths: [modules], ...options });
  try {
    return await diagnose(yaml.replace("SERVICE", prosody.service), PROSODY_PASSWORD, host);
  } finally {
    await prosody.stop();
  }
}

function doormanYaml({ contactsApp }: Context, host: string, settings = ""): string {
  return `hosts:
  ${host}:
    roster_url: ${contactsApp.rosterUrl}
${settings}xmpp:
  service: SERVICE
  jid: doorman@example.com
  password_file: password.txt
`;
}

/** Puts what the operators' file names once into each place that names it. */
function inPlace(configuration: string): string {
  const listOf = (name: string) =>
    new RegExp(`^local ${name} = (\\{[\\s\\S]*?\\n?\\})$`, "m").exec(configuration)?.[1] ?? "";
  const account = '"doorman@example.com"';
  return configuration
    .replaceAll("modules_enabled = modules", () => `modules_enabled = ${listOf("modules")}`)
    .replaceAll("privileged_entities = privileges", () => {
      return `privileged_entities = ${listOf("privileges").replace("doorman", account)}`;
    })
    .replaceAll("{ doorman }", `{ ${account} }`);
}

/** Alters the part of a configuration that is about a host or a domain of rooms. */
function inSection(section: string, pattern: RegExp, replacement = "") {
  return (configuration: string) => {
    const parts = configuration.split(/^(?=(?:VirtualHost|Component) )/m);
    const index = parts.findIndex((part) => part.startsWith(section));
    const part = parts[index] ?? "";
    const altered = part.replace(pattern, replacement);
    if (altered === part) throw new Error(`${section} has nothing like ${pattern}`);
    parts[index] = altered;
    return parts.join("");
  };
}
