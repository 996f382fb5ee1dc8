import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DebianRelease, pathInside } from "./debian-release.js";

/** What a private ejabberd can have beside ejabberd/doorman.yml. */
export interface EjabberdOptions {
  /** The Debian release that the ejabberd is of: 12 (also when absent) has 23.01, 13 has 24.12. */
  release?: DebianRelease;
  /** The port for clients; absent: a free one. */
  port?: number;
  /** The port of its API; absent: a free one. */
  apiPort?: number;
  /** Alters the configuration that operators copy, for what Doorman does without parts of it. */
  alter?: (doormanYml: string) => string;
  /** Makes another one of the configuration around that, ejabberd.yml. */
  alterStock?: (ejabberdYml: string) => string;
}

// From dist/test/support, where the compiler puts this file.
const OPERATORS_FILE = fileURLToPath(new URL("../../../ejabberd/doorman.yml", import.meta.url));

// Debian's stock list, without what listens by itself, pubsub and what needs it; and without mod_muc, which the operators' file has.
const STOCK_MODULES = `adhoc admin_extra announce blocking caps carboncopy client_state configure
  disco http_api last muc_admin offline ping privacy private push push_keepalive roster stream_mgmt
  vcard version`.split(/\s+/);

/**
 * Writes a configuration into an empty folder.
 * @returns the path of the configuration
 */
export function writeEjabberdFolder(
  folder: string,
  options: EjabberdOptions & { port: number; apiPort: number },
): string {
  mkdirSync(join(folder, "database"));
  const operators = readFileSync(OPERATORS_FILE, "utf8");
  const included = operators.replace("port: 5282", `port: ${options.apiPort}`);
  if (included === operators) throw new Error(`${OPERATORS_FILE} has another port than 5282`);
  const doormanYml = join(folder, "doorman.yml");
  writeFileSync(doormanYml, options.alter?.(included) ?? included);
  const path = join(folder, "ejabberd.yml");
  const stock = configuration(pathInside(options.release ?? "12", doormanYml), options.port);
  writeFileSync(path, options.alterStock?.(stock) ?? stock);
  return path;
}

/** Around the operators' file the stock rules, and what makes this ejabberd private. */
function configuration(doormanYml: string, port: number): string {
  const modules = STOCK_MODULES.map((name) => `  mod_${name}: {}\n`).join("");
  return `
hosts:
  - example.com
  - localhost
loglevel: info
auth_password_format: plain
include_config_file: ${JSON.stringify(doormanYml)}
listen:
  - port: ${port}
    ip: 127.0.0.1
    backlog: 128
    module: ejabberd_c2s
    max_stanza_size: 262144
    shaper: c2s_shaper
    access: c2s
access_rules:
  local:
    allow: local
  c2s:
    allow: all
  announce:
    deny: all
acl:
  local:
    user_regexp: ""
shaper:
  normal:
    rate: 3000
    burst_size: 20000
  fast: 200000
shaper_rules:
  max_user_sessions: 10
  c2s_shaper:
    normal: all
modules:
${modules}`;
}
