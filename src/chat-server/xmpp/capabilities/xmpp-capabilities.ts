import { create } from "@bufbuild/protobuf";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { Operation, ServerInfoSchema } from "../../../../gen/doorman/v1/server_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { before } from "../../../waiting/before.js";
import { withDeadline } from "../../../waiting/with-deadline.js";
import { type Finding, ofEach, together } from "../../capability.js";
import type { ChatCapabilities, ServerLook } from "../../chat-capabilities.js";
import type { Connection } from "../connection/connection.js";
import type { IqClient } from "../connection/iq.js";
import type { EjabberdApi } from "../ejabberd-api.js";
import { findAddUser, findServerInvites } from "./account-capabilities.js";
import { findHatCommands, findHatList } from "./hat-capabilities.js";
import { LoginNews } from "./login-news.js";
import { findMisplacedApi } from "./misplaced-api.js";
import { findOwnership, findRoomSearch, noMucDomain } from "./room-capabilities.js";
import { findPrivileges, findRosterCommands } from "./roster-capabilities.js";
import { type LookContext, orUnseen } from "./server-look.js";
import { type ServerSoftware, serverSoftware } from "./server-software.js";

/** Of the whole look. One answer is waited for 10 s, so that a server that has stopped shows as that. */
const DEADLINE_MS = 15_000;
/** More domains of rooms than that are not looked at. */
const MAX_MUC_DOMAINS = 8;

interface XmppCapabilitiesOptions {
  connection: Connection;
  iq: IqClient;
  service: string;
  api: EjabberdApi | undefined;
}

type MucDomains = (signal: AbortSignal) => Promise<readonly string[]>;

/** What a server lets Doorman's account do, by asking without changing. */
export class XmppCapabilities implements ChatCapabilities {
  readonly #options: XmppCapabilitiesOptions;
  readonly #loginNews: LoginNews;

  constructor(options: XmppCapabilitiesOptions) {
    this.#options = options;
    this.#loginNews = new LoginNews(options.connection);
  }

  look(host: string, mucDomains: MucDomains, signal: AbortSignal): Promise<ServerLook> {
    return withDeadline(signal, DEADLINE_MS, async (deadline) => {
      const { connection, iq, api } = this.#options;
      const late = () => new Error("the first login takes long");
      // Its outcome is in unavailableBecause.
      await before(connection.firstAttempt, deadline, DEADLINE_MS, late).catch(() => {});
      const { unavailableBecause } = connection;
      if (unavailableBecause !== undefined) {
        return { info: create(ServerInfoSchema, { unavailableBecause }), capabilities: [] };
      }
      const software = await serverSoftware(iq, host, deadline).catch(nothingTold);
      const context: LookContext = {
        iq,
        jid: connection.jid,
        host,
        software: knownSoftware(software, api),
        version: software.version,
        ejabberdApi: api,
        signal: deadline,
      };
      const parts = await Promise.all([
        this.#lookAtRooms(context, mucDomains),
        this.#lookAtRosters(context),
        this.#lookAtAccounts(context),
      ]);
      return {
        info: create(ServerInfoSchema, { connected: true, ...software }),
        capabilities: parts.flat(),
      };
    });
  }

  async #lookAtRooms(context: LookContext, mucDomains: MucDomains) {
    const { host, signal } = context;
    let domains: readonly string[] = [];
    const unknown = await orUnseen(async () => {
      domains = await mucDomains(signal);
      return noMucDomain(host);
    });
    async function ofDomains(find: (domain: string) => Promise<Finding>): Promise<Finding> {
      const some = domains.slice(0, MAX_MUC_DOMAINS);
      if (some.length === 0) return unknown;
      return together(await Promise.all(some.map((domain) => orUnseen(() => find(domain)))));
    }
    const ownership = await ofDomains((domain) => findOwnership(context, domain));
    const [search, giving, listing] = await Promise.all([
      ofDomains((domain) => findRoomSearch(context, domain)),
      ofDomains((domain) => findHatCommands(context, domain)),
      ofDomains((domain) => findHatList(context, domain)),
    ]);
    return [
      ...ofEach(ROOM_OPERATIONS, ownership),
      ...ofEach([Operation.KICK_USERS], findMisplacedApi(context) ?? together([ownership, search])),
      ...ofEach([Operation.GIVE_HATS], together([ownership, giving])),
      ...ofEach([Operation.LIST_HATS], together([ownership, listing])),
    ];
  }

  async #lookAtRosters(context: LookContext) {
    const misplaced = findMisplacedApi(context);
    if (misplaced !== undefined) return ofEach(ROSTER_OPERATIONS, misplaced);
    let write: Finding | undefined;
    const read = await orUnseen(async () => {
      const findings = await (context.software === "ejabberd"
        ? findRosterCommands(context)
        : findPrivileges(context));
      write = findings.write;
      return findings.read;
    });
    const logins = this.#loginNews.find(context);
    return [
      ...ofEach([Operation.READ_ROSTERS], read),
      ...ofEach([Operation.WRITE_ROSTERS], write ?? read),
      ...ofEach([Operation.REFRESH_AT_LOGIN], logins),
    ];
  }

  async #lookAtAccounts(context: LookContext) {
    const [accounts, invites] = await Promise.all([
      orUnseen(() => findAddUser(context)),
      orUnseen(() => findServerInvites(context, this.#options.service)),
    ]);
    return [
      ...ofEach([Operation.CREATE_ACCOUNTS], findMisplacedApi(context) ?? accounts),
      ...ofEach([Operation.CREATE_INVITES], invites),
    ];
  }
}

const ROOM_OPERATIONS = [
  Operation.KICK_OCCUPANTS,
  Operation.LIST_OCCUPANTS,
  Operation.MANAGE_AFFILIATIONS,
];

const ROSTER_OPERATIONS = [
  Operation.READ_ROSTERS,
  Operation.WRITE_ROSTERS,
  Operation.REFRESH_AT_LOGIN,
];

function nothingTold(error: unknown): ServerSoftware {
  if (error instanceof DoormanError && error.reason !== ErrorReason.INTERNAL) {
    return { name: "", version: "" };
  }
  throw error;
}

function knownSoftware(
  { name }: ServerSoftware,
  api: EjabberdApi | undefined,
): LookContext["software"] {
  if (/^prosody\b/i.test(name)) return "prosody";
  // Only of ejabberd can an API be configured.
  if (/^ejabberd\b/i.test(name) || api !== undefined) return "ejabberd";
  return undefined;
}
