import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type DebianRelease, pathInside } from "./debian-release.js";

/** What a private Prosody can have beside prosody/doorman.cfg.lua. */
export interface ProsodyOptions {
  /** The Debian release that the Prosody is of: 12 (also when absent) has 0.12, 13 has 13.0. */
  release?: DebianRelease;
  /** The port for clients; absent: a free one. */
  port?: number;
  /** Whether administrators own every room; absent: as the release has it by default, in 0.12 they do. */
  adminsOwnRooms?: boolean;
  /** More modules for all hosts. */
  modules?: string[];
  /**
   * Modules for the MUC domains; absent: mod_muc_hats_adhoc where DOORMAN_TEST_PROSODY_MODULES has it, else
   * the tests' own in its place.
   */
  mucModules?: string[];
  /** Alters the configuration that operators copy, for what Doorman does without parts of it. */
  alter?: (doormanCfg: string) => string;
  /** Folders in which Prosody looks for modules before its own. */
  pluginPaths?: string[];
}

/** One password for all accounts of a private Prosody, which nobody off this machine can reach. */
export const PROSODY_PASSWORD = "opensesame";

/** Accounts by host; those of example.com are the cast of the documents and of the sandbox. */
export const PROSODY_ACCOUNTS = {
  "example.com": ["doorman", "john", "aaron", "marie", "michael", "alice", "bob"],
  localhost: ["user"],
};

// From dist/test/support, where the compiler puts this file.
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** The configuration that operators copy, and the module that they copy with it. */
const OPERATORS_FOLDER = join(ROOT, "prosody");
const TEST_MODULES = join(ROOT, "test", "prosody-modules");

// Debian's stock list, without TLS, links to other servers and the command line's socket.
const STOCK_MODULES = `disco roster saslauth blocklist bookmarks carbons limits pep private smacks
  vcard4 vcard_legacy csi_simple ping register time uptime version posix`.split(/\s+/);

/**
 * Writes a configuration and the accounts into an empty folder.
 * @returns the path of the configuration
 */
export function writeProsodyFolder(
  folder: string,
  options: ProsodyOptions & { port: number },
): string {
  for (const [host, usernames] of Object.entries(PROSODY_ACCOUNTS)) {
    // As mod_storage_internal names its folders. Eight calls of prosodyctl would take seconds.
    const accounts = join(folder, "data", host.replaceAll(".", "%2e"), "accounts");
    mkdirSync(accounts, { recursive: true });
    for (const username of usernames) {
      const account = `return { ["password"] = ${luaString(PROSODY_PASSWORD)} };\n`;
      writeFileSync(join(accounts, `${username}.dat`), account);
    }
  }
  // Prosody looks for certificates beside its configuration, and complains without the folder.
  mkdirSync(join(folder, "certs"));
  const operators = readFileSync(join(OPERATORS_FOLDER, "doorman.cfg.lua"), "utf8");
  writeFileSync(join(folder, "doorman.cfg.lua"), options.alter?.(operators) ?? operators);
  const path = join(folder, "prosody.cfg.lua");
  writeFileSync(path, configuration(folder, options));
  return path;
}

/** Around the operators' file only what makes this Prosody private, quick and clear text. */
function configuration(folder: string, options: ProsodyOptions & { port: number }): string {
  const more = process.env.DOORMAN_TEST_PROSODY_MODULES;
  const pluginPaths = [
    ...(more ? [resolve(more)] : []),
    ...(options.pluginPaths ?? []),
    OPERATORS_FOLDER,
    TEST_MODULES,
  ].map((source, index) => {
    // A Prosody in a root of its own sees nothing outside of it.
    const copy = join(folder, "modules", String(index));
    cpSync(source, copy, { recursive: true });
    return copy;
  });
  const inside = (path: string) => luaString(pathInside(options.release ?? "12", path));
  const hasHats = more !== undefined && existsSync(join(more, "mod_muc_hats_adhoc"));
  const hats = hasHats ? "muc_hats_adhoc" : "muc_hats_adhoc_for_tests";
  // Without any, those of the operators' file stay what they are.
  const mucModules = options.mucModules ?? [hats];
  const enabled = mucModules.length > 0 ? `modules_enabled = ${luaList(mucModules)}` : "";
  return `
interfaces = { "127.0.0.1" }
c2s_ports = { ${options.port} }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
http_ports = {}
https_ports = {}
pidfile = ${inside(join(folder, "prosody.pid"))}
data_path = ${inside(join(folder, "data"))}
run_as_root = ${process.getuid?.() === 0}
log = { { levels = { min = "info" }, to = "console" } }
authentication = "internal_plain"
${options.adminsOwnRooms === undefined ? "" : `component_admins_as_room_owners = ${options.adminsOwnRooms}`}
plugin_paths = { ${pluginPaths.map(inside).join(", ")} }
modules_disabled = { "s2s" }
modules_enabled = ${luaList([...STOCK_MODULES, ...(options.modules ?? [])])}
limits = { c2s = { rate = "10kb/s" } }

Include ${inside(join(folder, "doorman.cfg.lua"))}

Component "chat.example.org" "muc"
	${enabled}
Component "conference.localhost" "muc"
	${enabled}
`;
}

function luaString(text: string): string {
  return `"${text.replace(/["\\\n]/g, "\\$&")}"`;
}

function luaList(texts: string[]): string {
  return `{ ${texts.map(luaString).join(", ")} }`;
}
