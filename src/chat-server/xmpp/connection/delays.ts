const FIRST_MS = 250;
/** Short, so that work resumes within 5 s of the server's return. */
const MAX_MS = 2_000;

/** Answers how long to wait after failures in a row, in milliseconds: longer after more, and never the same for two. */
export function delayAfterFailures(failures: number): number {
  const delayMs = Math.min(FIRST_MS * 2 ** Math.min(failures, 10), MAX_MS);
  return delayMs * (0.5 + Math.random() / 2);
}

/** Less than 5 s, for a server that is still starting or a password that is put right at once. */
const REFUSED_MS = 2_000;
/**
 * Half a minute of these and then four an hour stay below the 20 within an hour for which ejabberd's
 * mod_fail2ban locks an address out.
 */
const MAX_SOON = 14;
const LOCKED_MS = 15 * 60_000;

/** Answers how long to wait after logins in a row that were refused, in milliseconds. */
export function delayAfterRefusals(refusals: number): number {
  return refusals <= MAX_SOON ? REFUSED_MS : LOCKED_MS;
}
