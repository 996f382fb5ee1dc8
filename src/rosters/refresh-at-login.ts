import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../errors/doorman-error.js";
import { parseBareJid } from "../jid/jid.js";
import { domainOf } from "../jid/parts.js";
import { type RosterDependencies, refreshRoster } from "./refresh-roster.js";

/** Half of what is refreshed at once, so that callers find a turn. */
const AT_ONCE = 4;
/** How many users may wait for their turn: when a server starts anew all come online at once. */
const MAX_WAITING = 100_000;
/** How many users' last refresh is remembered. */
const MAX_REMEMBERED = 100_000;

/** Says of which hosts the users' rosters are refreshed at login, and how long it has to be since the last time. */
export type LoginIntervals = ReadonlyMap<string, number>;

/**
 * Refreshes the roster of a user who comes online, in the background, unless the last time was less than
 * the host's interval ago. What fails is logged, and counts as a time too: a contacts app that is in
 * trouble is not asked at each login.
 */
export function refreshAtLogin(
  dependencies: RosterDependencies,
  intervals: LoginIntervals,
  closing: AbortSignal,
): void {
  const {
    chatServer: { logins },
    log,
  } = dependencies;
  for (const host of intervals.keys()) {
    if (logins?.covers(host)) continue;
    log.warn(
      { host },
      "refresh_at_login has no effect: the server tells Doorman of no logins there",
    );
  }
  if (logins === undefined || intervals.size === 0) return;
  /** In milliseconds of the process's clock, the oldest first. */
  const lastTimes = new Map<string, number>();
  const waiting = new Set<string>();
  let running = 0;
  /** How many logins found no place since the last time that nobody waited. */
  let missed = 0;

  logins.listen((userJid) => {
    const interval = intervals.get(domainOf(userJid));
    const last = lastTimes.get(userJid);
    const now = performance.now();
    if (interval === undefined || closing.aborted) return;
    if (last !== undefined && now - last < interval) return;
    if (waiting.size >= MAX_WAITING) {
      missed += 1;
      return;
    }
    lastTimes.delete(userJid);
    lastTimes.set(userJid, now);
    if (lastTimes.size > MAX_REMEMBERED) lastTimes.delete(lastTimes.keys().next().value ?? "");
    waiting.add(userJid);
    begin();
  });

  function begin(): void {
    for (const userJid of waiting) {
      if (running === AT_ONCE) return;
      waiting.delete(userJid);
      running += 1;
      void refresh(userJid).finally(() => {
        running -= 1;
        begin();
      });
    }
    if (missed === 0) return;
    log.warn({ logins: missed }, "too many logins at once: those rosters wait for the next login");
    missed = 0;
  }

  async function refresh(userJid: string): Promise<void> {
    try {
      const user = parseBareJid(userJid, "from");
      await refreshRoster(dependencies, user, { dryRun: false, signal: closing });
    } catch (error) {
      if (closing.aborted) return;
      const reason = error instanceof DoormanError ? ErrorReason[error.reason] : undefined;
      const what = "a roster could not be refreshed at login";
      if (reason === undefined) log.error({ user: userJid, err: error }, what);
      else log.warn({ user: userJid, reason, why: (error as Error).message }, what);
    }
  }
}
