import type { Logger } from "pino";
import { before } from "../../waiting/before.js";
import { Outstanding } from "../../waiting/outstanding.js";
import type { ChatServer } from "../chat-server.js";
import type { HatLedger } from "../hat-ledger.js";
import { XmppAccounts } from "./accounts/accounts.js";
import { EjabberdAccounts } from "./accounts/ejabberd-accounts.js";
import { XmppCapabilities } from "./capabilities/xmpp-capabilities.js";
import { Connection } from "./connection/connection.js";
import { IqClient } from "./connection/iq.js";
import { keepAlive } from "./connection/keep-alive.js";
import { EjabberdApi } from "./ejabberd-api.js";
import { HatDialects } from "./hats/hat-dialects.js";
import { XmppHats } from "./hats/hats.js";
import { XmppInvites } from "./invites.js";
import { XmppLogins } from "./logins.js";
import { EjabberdRoomSearch } from "./rooms/ejabberd-room-search.js";
import { RoomOwnership } from "./rooms/room-ownership.js";
import { ProsodyRoomSearch } from "./rooms/room-search.js";
import { RoomVisits } from "./rooms/room-visits.js";
import { XmppRooms } from "./rooms/rooms.js";
import { EjabberdRosters } from "./rosters/ejabberd-rosters.js";
import { XmppRosters } from "./rosters/rosters.js";

const LEAVE_ROOMS_TIMEOUT_MS = 2_000;

export interface XmppChatServerOptions {
  /** `xmpp://HOST:PORT`, or `xmpps://HOST:PORT` for TLS from the first byte. */
  service: string;
  /** The bare JID of an admin account. */
  jid: string;
  /** Called at each login, so that a new password needs no restart. */
  readPassword: () => string;
  /** What Doorman is called in rooms, unless somebody there has that nickname. */
  nickname: string;
  /** How long Doorman stays in a room after the last call there; 0: not at all. */
  roomStayMs: number;
  /** Whether Doorman's account gives up the ownership of rooms that it gained for a call. */
  returnOwnership: boolean;
  /** The URL of ejabberd's API, without a final slash, where the server is an ejabberd. */
  ejabberdApi?: string | undefined;
  /** How many stanzas, or requests to ejabberd's API, may wait for an answer at once. */
  maxOutstanding: number;
  hatLedger: HatLedger;
  log: Logger;
}

/**
 * Answers at once and connects in the background; it goes on trying until it is closed. Without TLS
 * it logs in to a server on a loopback address only.
 */
export function connectXmppChatServer(options: XmppChatServerOptions): ChatServer {
  const { service, jid, readPassword, nickname, returnOwnership, ejabberdApi, maxOutstanding } =
    options;
  const { roomStayMs: stayMs, hatLedger, log } = options;
  const connection = new Connection({ service, jid, readPassword }, log);
  const iq = new IqClient(connection, new Outstanding(maxOutstanding));
  const ownership = new RoomOwnership({ iq, ownJid: jid, giveBack: returnOwnership, log });
  const visits = new RoomVisits({ connection, iq, ownership, nickname, stayMs });
  const dialects = new HatDialects(iq, hatLedger);
  connection.on("end", () => dialects.forgetAll());
  keepAlive(connection);
  const api =
    ejabberdApi === undefined
      ? undefined
      : new EjabberdApi({ url: ejabberdApi, jid, readPassword, maxOutstanding });
  const search =
    api === undefined ? new ProsodyRoomSearch(iq, ownership) : new EjabberdRoomSearch(api);
  const accounts = api
    ? new EjabberdAccounts(iq, jid, { service, log, api })
    : new XmppAccounts(iq, jid, { service, log });
  const rooms = new XmppRooms({ iq, ownJid: jid, visits, ownership, search });
  return {
    get unavailableBecause() {
      return connection.unavailableBecause;
    },
    rooms,
    rosters: api ? new EjabberdRosters(api) : new XmppRosters(iq, jid),
    // ejabberd 23.01 gives presence to privileged components alone, and Doorman is a client.
    logins: api ? undefined : new XmppLogins(connection),
    hats: new XmppHats({ iq, ownership, ledger: hatLedger, dialects, visits }),
    accounts,
    invites: new XmppInvites(iq, accounts, service),
    capabilities: new XmppCapabilities({ connection, iq, service, api }),
    async close() {
      const left = visits.close().then(() => ownership.close());
      await before(left, undefined, LEAVE_ROOMS_TIMEOUT_MS, () => new Error()).catch(() => {});
      await connection.close();
    },
  };
}
