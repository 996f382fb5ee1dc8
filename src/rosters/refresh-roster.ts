import type { Logger } from "pino";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { Contact, RosterChanges } from "../../gen/doorman/v1/roster_pb.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import { DoormanError } from "../errors/doorman-error.js";
import type { Hosts } from "../hosts/hosts.js";
import type { BareJid } from "../jid/jid.js";
import type { KeyedLock } from "../waiting/keyed-lock.js";
import { Semaphore } from "../waiting/semaphore.js";
import { fetchContacts } from "./contacts-app.js";
import { reconcileRoster } from "./reconcile-roster.js";

/** How many users are refreshed at once, of all calls together: what the contacts app has to bear. */
export const REFRESHES_AT_ONCE = 8;
const WAIT_MS = 10 * 60_000;

export interface RosterDependencies {
  hosts: Hosts;
  chatServer: ChatServer;
  /** By user: one for everything that changes rosters. */
  rosterLock: KeyedLock;
  /** One for everything that refreshes rosters. */
  refreshTurns: Semaphore;
  log: Logger;
}

/** Makes what holds the requests to the contacts app and to the chat server to a number. */
export function refreshTurns(): Semaphore {
  return new Semaphore(REFRESHES_AT_ONCE, WAIT_MS);
}

/**
 * Makes what the contacts app has the roster of a user, and answers what was different.
 * @param user of a host that Doorman serves
 * @throws CONTACTS_APP_NOT_CONFIGURED, CONTACTS_APP_FAILED, NotBegun, and as reconcileRoster does
 */
export async function refreshRoster(
  { hosts, chatServer, rosterLock, refreshTurns }: RosterDependencies,
  user: BareJid,
  { dryRun, signal }: { dryRun: boolean; signal: AbortSignal },
): Promise<RosterChanges> {
  const { rosters } = chatServer;
  const app = {
    rosterUrl: requireRosterUrl(hosts, user.domain),
    check: (contact: Contact, field: string) => rosters.check(user.bare, contact, field, signal),
  };
  const task = `refresh the roster of ${user.bare}`;
  // The lock first: whoever waits for another change of the same roster holds up nobody else.
  return await rosterLock.run(user.bare, task, signal, () =>
    refreshTurns.run(task, signal, async () => {
      // Fetched in turn, so that an older answer cannot replace a newer one.
      const wanted = await fetchContacts(app, user, signal);
      return await reconcileRoster(rosters, user.bare, wanted, { dryRun, signal });
    }),
  );
}

function requireRosterUrl(hosts: Hosts, host: string): string {
  const rosterUrl = hosts.rosterUrl(host);
  if (rosterUrl !== undefined) return rosterUrl;
  throw new DoormanError(
    ErrorReason.CONTACTS_APP_NOT_CONFIGURED,
    `The host ${host} has no contacts app: set hosts.${host}.roster_url in the configuration`,
    { metadata: { host } },
  );
}
