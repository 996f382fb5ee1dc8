import { z } from "zod";
import { parseLifetime, parseLifetimeOrZero, parseStay } from "./lifetime.js";
import { parseListenAddress } from "./listen-address.js";
import { pages } from "./pages.js";
import {
  bareJid,
  domain,
  ejabberdApi,
  ipAddress,
  listOf,
  network,
  nickname,
  oneOf,
  origin,
  parsed,
  rosterUrl,
  section,
  text,
  username,
  webUrl,
  wholeNumber,
  xmppService,
  yesOrNo,
} from "./settings.js";

/** Is the configuration as the rest of Doorman reads it: checked, with every default in its place. */
export type Configuration = z.output<typeof configurationSchema>;

/** Is what is configured for one host. */
export type HostConfiguration = NonNullable<Configuration["hosts"]>[string];

const host = section("muc, roster_url or both below it", {
  /** The domains of the host's rooms; asked of the server when absent. */
  muc: listOf(domain, "[chat.example.org]").optional(),
  /**
   * Where the contacts app has a user's roster; %s is the URL-encoded username. May have user:password@
   * before its host.
   */
  roster_url: rosterUrl.optional(),
  /** Refreshes the roster of who logs in; the least time between two of one user, in milliseconds. */
  refresh_at_login: parsed(
    parseLifetime,
    "the least time between two refreshes of a user, such as 15m",
  ).optional(),
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
    if (configured?.refresh_at_login !== undefined && configured.roster_url === undefined) {
      complain("needs roster_url, which says where rosters come from", key, "refresh_at_login");
    }
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

const HOSTS = "expected the hosts below it, each by its domain, such as example.com: {}";

const hosts = z
  .preprocess(
    (configured, context) => {
      // Zod passes over this key, which to JavaScript is no name like others.
      if (Object.hasOwn(Object(configured), "__proto__")) {
        const message = "expected a domain such as example.com";
        context.addIssue({ code: "custom", message, path: ["__proto__"] });
      }
      return configured;
    },
    z.record(z.string(), host.nullish(), { error: HOSTS }),
  )
  .transform(readHosts)
  .refine((read) => Object.keys(read).length > 0, HOSTS);

/** Whoever guesses `authorization_header` can kick on every host, and the number of guesses is not limited. */
const MIN_AUTHORIZATION_HEADER = 16;

/** The header of the curl call that mod_http_muc_kick documents. The sandbox takes it. */
export const SANDBOX_AUTHORIZATION_HEADER = "Basic dXNlcm5hbWU6cGFzc3dvcmQ=";

/** The values of `authorization_header` that Doorman's documents and messages show, which anybody knows. */
const PUBLISHED_AUTHORIZATION_HEADERS = [
  SANDBOX_AUTHORIZATION_HEADER,
  "Basic YWxhZGRpbjpvcGVuc2VzYW1l",
  "Basic dXNlcjpwYXNz",
].map((header) => header.toLowerCase());

/** The settings; style and defaults are described in doorman.example.yaml. */
const settings = section("settings such as listen: 127.0.0.1:5280", {
  listen: parsed(parseListenAddress, "HOST:PORT such as 127.0.0.1:5280").prefault("127.0.0.1:5280"),
  /** A second port, with TLS. */
  tls: section("listen, cert and key below it", {
    listen: parsed(parseListenAddress, "HOST:PORT such as 0.0.0.0:5281"),
    /** PEM files; relative paths start at the configuration file's folder. */
    cert: text("the certificate's PEM file, such as cert.pem"),
    key: text("the private key's PEM file, such as key.pem"),
    /** How long browsers may use nothing but TLS for this host (RFC 6797), in milliseconds. */
    hsts: parsed(
      parseLifetimeOrZero,
      "for how long browsers use nothing but https, such as 365d; 0s takes it back",
    ).optional(),
  }).optional(),
  public_url: webUrl.optional(),
  /** Whose X-Forwarded-For is believed: the proxies in front of Doorman. */
  trusted_proxies: listOf(network, "[127.0.0.1, 10.0.0.0/8]").default([]),
  /** How many connections one address may have open; trusted proxies may have any number. */
  connections_per_address: wholeNumber(1, 4_096).default(512),
  data: text("a folder such as ./data").prefault("./data"),
  log_level: oneOf(["debug", "info", "warn", "error"]).default("info"),
  hosts: hosts.optional(),
  xmpp: section("service, jid and password_file below it", {
    service: xmppService,
    jid: bareJid,
    /** What Doorman is called in rooms. */
    nickname: nickname.prefault("Doorman"),
    /** How long Doorman stays in a room after the last call there, in milliseconds. */
    room_stay: parsed(parseStay, "a time such as 10s or 5m, at most 1d, or 0s").prefault("10s"),
    /** Whether Doorman gives up the ownership of rooms that it had to gain for a call. */
    return_ownership: yesOrNo().default(false),
    /** How many stanzas, or requests to ejabberd's API, may wait for an answer at once. */
    max_outstanding: wholeNumber(1, 10_000).default(256),
    /** Where ejabberd's mod_http_api is; absent for any other server. */
    ejabberd_api: ejabberdApi.optional(),
    /** Read at each login; a relative path starts at the configuration file's folder. */
    password_file: text("a file such as password.txt").optional(),
  }).optional(),
  /** Which web pages may call the RPCs from a browser. */
  cors: section("allow_origins below it", {
    allow_origins: listOf(origin, "[https://console.example.com]"),
  }).optional(),
  muc_kick: section("authorization_header below it", {
    authorization_header: text("the whole header, such as Basic dXNlcjpwYXNz").optional(),
  }).prefault({}),
  roster_admin: section("allow_without_key_from below it", {
    allow_without_key_from: listOf(ipAddress, "[127.0.0.1]").optional(),
  }).prefault({}),
  invites: section("issuer, ttl, reserved_usernames or protected_users below it", {
    issuer: oneOf(["server", "doorman"]).optional(),
    /** The lifetime of Doorman's own invites, in milliseconds. */
    ttl: parsed(parseLifetime, "a lifetime such as 7d, 12h or 90m, at most 3650d").prefault("7d"),
    /** Names that nobody may register, beside those that Doorman reserves by itself. */
    reserved_usernames: listOf(username, "[boss, news]").optional(),
    /** Accounts whose password no invite resets; absent where the server is asked who administers it. */
    protected_users: listOf(bareJid, "[admin@example.com]").optional(),
  }).prefault({}),
  /** What the pages of invites show beside the invite. */
  pages: pages.prefault({}),
});

/** The shape of the configuration file. */
export const configurationSchema = settings.superRefine(({ xmpp, muc_kick }, context) => {
  const header = muc_kick.authorization_header;
  if (xmpp === undefined || header === undefined) return;
  const isPublished = PUBLISHED_AUTHORIZATION_HEADERS.includes(header.trim().toLowerCase());
  if (header.length >= MIN_AUTHORIZATION_HEADER && !isPublished) return;
  const fault = isPublished
    ? "is an example of Doorman's documents, and whoever reads them can kick in every room: write one of your own of"
    : `has ${header.length} characters, and whoever guesses it can kick in every room: write`;
  context.addIssue({
    code: "custom",
    path: ["muc_kick", "authorization_header"],
    message: `${fault} at least ${MIN_AUTHORIZATION_HEADER}, such as "Bearer " and what openssl rand -hex 16 prints, or leave it out and create a key with doorman keys create`,
  });
});
