import type { ConfigurationFix } from "../../../../gen/doorman/v1/server_pb.js";
import { fix } from "../../capability.js";

const FILE = "prosody.cfg.lua";

/** Names the part of the configuration that is about a host. */
export function hostSection(host: string): string {
  return `VirtualHost ${luaString(host)}`;
}

/** Names the part of the configuration that is about a domain of rooms. */
export function roomsSection(domain: string): string {
  return `Component ${luaString(domain)} "muc"`;
}

/** @param modules their names without mod_ */
export function enableModules(section: string, ...modules: string[]): ConfigurationFix {
  const lines = modules.map((module) => `\t${luaString(module)};`);
  return fix(FILE, section, "modules_enabled = {", ...lines, "}");
}

export function makeAdmin(section: string, jid: string): ConfigurationFix {
  return fix(FILE, section, "admins = {", `\t${luaString(jid)};`, "}");
}

/** As mod_privilege reads it (XEP-0356). */
export function grantPrivileges(host: string, jid: string): ConfigurationFix {
  return fix(
    FILE,
    hostSection(host),
    "privileged_entities = {",
    `\t[${luaString(jid)}] = { roster = "both", presence = "managed_entity" };`,
    "}",
  );
}

export function inviteOnly(host: string): ConfigurationFix {
  return fix(FILE, hostSection(host), "registration_invite_only = true");
}

/** Makes a domain of rooms there. */
export function addRooms(domain: string, jid: string, host: string): ConfigurationFix {
  const parent = isParent(host, domain) ? [] : [parentHost(host)];
  const lines = [...parent, "admins = {", `\t${luaString(jid)};`, "}"];
  return fix(FILE, "", roomsSection(domain), ...lines.map((line) => `\t${line}`));
}

/** Returns whether Prosody 13 takes a host's users for more than guests of a domain without `parentHost`. */
export function isParent(host: string, domain: string): boolean {
  return domain.slice(domain.indexOf(".") + 1) === host;
}

/** Writes the line that makes the users of a host more than guests of a domain of rooms. */
export function parentHost(host: string): string {
  return `parent_host = ${luaString(host)}`;
}

function luaString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
