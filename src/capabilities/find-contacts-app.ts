import { type Finding, fix, ready, unavailable } from "../chat-server/capability.js";
import { ContactsAppFailed, requestRoster } from "../rosters/contacts-app-request.js";
import { withDeadline } from "../waiting/with-deadline.js";

const TIMEOUT_MS = 10_000;
/** A name that nobody has: the app need not know it to show that it is there. */
const NOBODY = "doorman-looks-for-nobody";
const NOT_FOUND = 404;

/** Says whether a host's contacts app answers, by the roster of a user whom it does not have. */
export async function findContactsApp(
  host: string,
  rosterUrl: string | undefined,
  signal: AbortSignal,
): Promise<Finding> {
  const setting = "    roster_url: http://app.example.org/contacts/%s";
  const setUrl = fix("doorman.yaml", "", "hosts:", `  ${host}:`, setting);
  if (rosterUrl === undefined) {
    return unavailable(`${host} has no contacts app that rosters could be refreshed from`, setUrl);
  }
  const url = new URL(rosterUrl.replace("%s", NOBODY));
  const app = `the contacts app at ${url.origin}`;
  try {
    await withDeadline(signal, TIMEOUT_MS, (deadline) => requestRoster(url, deadline));
    return ready(`${app} answers`);
  } catch (error) {
    if (!(error instanceof ContactsAppFailed)) throw error;
    if (error.status === NOT_FOUND) return ready(`${app} answers`);
    return unavailable(`${app} ${error.why}: start it, or name the right one`, setUrl);
  }
}
