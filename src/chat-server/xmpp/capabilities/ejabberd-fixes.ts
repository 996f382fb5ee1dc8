import type { ConfigurationFix } from "../../../../gen/doorman/v1/server_pb.js";
import { fix } from "../../capability.js";

const FILE = "ejabberd.yml";

/** The commands of mod_http_api that Doorman calls, as ejabberd/doorman.yml permits them. */
const API_COMMANDS = [
  "check_account",
  "check_password",
  "get_roster",
  "add_rosteritem",
  "delete_rosteritem",
  "muc_online_rooms",
  "get_room_occupants",
] as const;

/** Names Doorman's account for the access rules. */
export function nameAccount(jid: string): ConfigurationFix {
  return fix(FILE, "", "acl:", "  doorman:", `    user: ${jid}`);
}

/** Lets Doorman own every room. */
export function allowRoomAdmin(jid: string): ConfigurationFix[] {
  return [
    nameAccount(jid),
    fix(
      FILE,
      "modules",
      "# Where mod_muc stands: under append_host_config, or for all hosts",
      "mod_muc:",
      "  access_admin:",
      "    - allow: doorman",
    ),
  ];
}

/** Lets new rooms have hats. */
export function enableHats(): ConfigurationFix {
  return fix(
    FILE,
    "modules",
    "# Where mod_muc stands: under append_host_config, or for all hosts",
    "mod_muc:",
    "  default_room_options:",
    "    enable_hats: true",
  );
}

/** Lets Doorman use the commands of XEP-0133 on a host. */
export function allowConfigure(host: string, jid: string): ConfigurationFix[] {
  return [
    nameAccount(jid),
    fix(
      FILE,
      "",
      "append_host_config:",
      `  ${host}:`,
      "    access_rules:",
      "      configure:",
      "        - allow: admin",
      "        - allow: doorman",
    ),
  ];
}

/** Lets Doorman call the commands that it needs. */
export function permitApi(jid: string): ConfigurationFix[] {
  return [
    nameAccount(jid),
    fix(
      FILE,
      "",
      "api_permissions:",
      "  doorman:",
      "    from: mod_http_api",
      "    who: doorman",
      "    what:",
      ...API_COMMANDS.map((command) => `      - ${command}`),
    ),
  ];
}

/** Opens mod_http_api where Doorman looks for it. */
export function openApi(url: string): ConfigurationFix {
  const { port, pathname } = new URL(url);
  return fix(
    FILE,
    "",
    "listen:",
    `  - port: ${port || 443}`,
    "    ip: 127.0.0.1",
    "    backlog: 128",
    "    module: ejabberd_http",
    "    request_handlers:",
    `      ${pathname}: mod_http_api`,
  );
}
