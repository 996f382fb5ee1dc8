import { isIP } from "node:net";
import { z } from "zod";
import { parseBareJid, parseDomain, parseNickname } from "../jid/jid.js";
import { parseLifetime } from "./lifetime.js";
import { parseListenAddress } from "./listen-address.js";

/** Is the configuration as the rest of Doorman reads it: checked, with every default in its place. */
export type Configuration = z.output<typeof configurationSchema>;

/** Is what is configured for one host. */
export type HostConfiguration = NonNullable<Configuration["hosts"]>[string];

/** Makes a Zod type out of a parser that answers undefined for text it cannot read. */
function parsed<T>(parse: (text: string) => T | undefined, expected: string) {
  return z.string({ error: `expected ${expected}` }).transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `expected ${expected}` });
    return z.NEVER;
  });
}

function undefinedIfThrows<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

const domain = parsed(
  (text) => undefinedIfThrows(() => parseDomain(text, "domain")),
  "a domain such as example.com",
);
const bareJid = parsed(
  (text) => undefinedIfThrows(() => parseBareJid(text, "jid")),
  "a bare JID such as doorman@example.com",
);
const nickname = parsed(
  (text) => undefinedIfThrows(() => parseNickname(text, "nickname")),
  "a nickname such as Doorman",
);
const ipAddress = parsed(
  (text) => (isIP(text) === 0 ? undefined : text),
  "an IP address such as 127.0.0.1",
);
const webUrl = parsed(
  (text) =>
    /^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text) ? text.replace(/\/+$/, "") : undefined,
  "a URL such as https://example.com, without a query",
);
const origin = parsed(
  (text) =>
    /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text
      ? text
      : undefined,
  "an origin such as https://console.example.com, without a path",
);
const rosterUrl = parsed(
  (text) =>
    /^https?:\/\/\S+$/.test(text) && text.includes("%s") && URL.canParse(text.replace("%s", "x"))
      ? text
      : undefined,
  "a URL with %s for the username, such as http://app.example.org/contacts/%s",
);
const xmppService = parsed(
  (text) => (/^xmpps?:\/\/[^\s/]+$/.test(text) && URL.canParse(text) ? text : undefined),
  "an address such as xmpp://127.0.0.1:5222 or xmpps://example.com:5223",
);

const host = z.strictObject({
  /** The domains of the host's rooms; asked of the server when absent. */
  muc: z.array(domain).optional(),
  /** Where the contacts app has a user's roster; %s is the URL-encoded username. */
  roster_url: rosterUrl.optional(),
});

/** Normalises the names of the hosts, and makes sure that no two claim the same name or rooms. */
function readHosts(
  hosts: Record<string, z.output<typeof host> | null | undefined>,
  context: z.RefinementCtx,
): Record<string, z.output<typeof host>> {
  const complain = (message: string, ...path: (string | number)[]) =>
    context.addIssue({ code: "custom", message, path });
  const read: Record<string, z.output<typeof host>> = {};
  const ownerOfRooms = new Map<string, string>();
  for (const [key, configured] of Object.entries(hosts)) {
    const name = domain.safeParse(key).data;
    if (name === undefined) {
      complain("expected a domain such as example.com", key);
      continue;
    }
    if (Object.hasOwn(read, name)) complain(`${name} is there twice`, key);
    read[name] = configured ?? {};
    for (const [index, mucDomain] of (configured?.muc ?? []).entries()) {
      const owner: string = ownerOfRooms.get(mucDomain) ?? name;
      ownerOfRooms.set(mucDomain, owner);
      if (owner === name) continue;
      complain(
        `the rooms of ${mucDomain} cannot belong to ${owner} and to ${name}`,
        key,
        "muc",
        index,
      );
    }
  }
  return read;
}

/** Is the shape of the configuration file; style and defaults are described in doorman.example.yaml. */
export const configurationSchema = z.strictObject({
  listen: parsed(parseListenAddress, "HOST:PORT such as 127.0.0.1:5280").prefault("127.0.0.1:5280"),
  /** A second port, with TLS. */
  tls: z
    .strictObject({
      listen: parsed(parseListenAddress, "HOST:PORT such as 0.0.0.0:5281"),
      /** PEM files; relative paths start at the configuration file's folder. */
      cert: z.string().min(1),
      key: z.string().min(1),
    })
    .optional(),
  public_url: webUrl.optional(),
  data: z.string().min(1).default("./data"),
  log_level: z.enum(["debug", "info", "warn", "error"]).default("info"),
  hosts: z
    .record(z.string(), host.nullish())
    .transform((hosts, context) => readHosts(hosts, context))
    .refine((hosts) => Object.keys(hosts).length > 0, "expected at least one host")
    .optional(),
  xmpp: z
    .strictObject({
      service: xmppService,
      jid: bareJid,
      /** What Doorman is called in rooms. */
      nickname: nickname.prefault("Doorman"),
      /** Read once at start; a relative path starts at the configuration file's folder. */
      password_file: z.string().min(1).optional(),
    })
    .optional(),
  /** Which web pages may call the RPCs from a browser. */
  cors: z.strictObject({ allow_origins: z.array(origin) }).optional(),
  muc_kick: z.strictObject({ authorization_header: z.string().min(1).optional() }).prefault({}),
  roster_admin: z
    .strictObject({ allow_without_key_from: z.array(ipAddress).optional() })
    .prefault({}),
  invites: z
    .strictObject({
      issuer: z.enum(["server", "doorman"]).optional(),
      /** The lifetime of Doorman's own invites, in milliseconds. */
      ttl: parsed(parseLifetime, "a lifetime such as 7d, 12h or 90m, at most 3650d").prefault("7d"),
    })
    .prefault({}),
});
