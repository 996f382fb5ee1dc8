import { setTimeout as sleep } from "node:timers/promises";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../errors/doorman-error.js";
import { readBounded } from "../limits/read-bounded.js";
import { before } from "../waiting/before.js";
import { withDeadline } from "../waiting/with-deadline.js";

/** For each of the two tries; both fit into the time that callers mostly allow. */
const TRY_TIMEOUT_MS = 8_000;
const PAUSE_MS = 200;
const MAX_REDIRECTS = 3;
/** RFC 9110 section 15.4: those that say where else a GET finds its answer. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Is the contacts app not there, or not answering with a roster; CONTACTS_APP_FAILED. */
export class ContactsAppFailed extends DoormanError {
  /** @param status what it answered; undefined when that is not what is wrong */
  constructor(
    url: string | URL,
    readonly why: string,
    cause?: unknown,
    readonly status?: number,
  ) {
    // The path can name a user, and the query or a password before the host be the app's own secret.
    const app = new URL(url).origin;
    super(
      ErrorReason.CONTACTS_APP_FAILED,
      `The contacts app at ${app} ${why}; the roster stays as it was`,
      { cause },
    );
  }
}

/** Is a failure that may be over at the next try. */
class Passing extends ContactsAppFailed {}

/**
 * Answers the body of what the contacts app has at a URL, and asks once more when it did not answer or
 * broke down: a GET may be repeated (RFC 9110 section 9.2.2).
 * @param url may have user:password@, which go to that address alone
 * @throws ContactsAppFailed
 */
export async function requestRoster(url: URL, signal: AbortSignal): Promise<string> {
  try {
    return await tryToFetch(url, signal);
  } catch (error) {
    if (!(error instanceof Passing) || signal.aborted) throw error;
    // Not all at the same moment, where many were waiting for one app.
    await sleep(PAUSE_MS * (1 + Math.random()), undefined, { signal }).catch(() => {});
    if (signal.aborted) throw error;
    return await tryToFetch(url, signal);
  }
}

async function tryToFetch(url: URL, signal: AbortSignal): Promise<string> {
  try {
    return await withDeadline(signal, TRY_TIMEOUT_MS, (deadline) =>
      // Raced as well, because fetch forgets its signal when the answer has begun.
      before(
        fetchWhole(url, deadline),
        deadline,
        TRY_TIMEOUT_MS,
        () => new Passing(url, "did not answer in time"),
      ),
    );
  } catch (error) {
    if (error instanceof DoormanError) throw error;
    throw new Passing(url, "could not be reached", error);
  }
}

async function fetchWhole(start: URL, deadline: AbortSignal): Promise<string> {
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(withoutCredentials(url), {
      headers: { Accept: "application/json, text/plain, */*", ...authorizationOf(start) },
      redirect: "manual",
      signal: deadline,
    });
    if (response.status === 200) {
      const unreadable = (why: string) => new ContactsAppFailed(start, why);
      return await readBounded(response, MAX_ANSWER_BYTES, unreadable);
    }
    await response.body?.cancel();
    if (!REDIRECTS.has(response.status)) {
      const why = `answered with status ${response.status}`;
      throw response.status >= 500
        ? new Passing(start, why)
        : new ContactsAppFailed(start, why, undefined, response.status);
    }
    url = targetOf(response, url, start);
  }
  throw new ContactsAppFailed(start, `redirected more than ${MAX_REDIRECTS} times`);
}

/** Answers where a redirect leads, which must be the same address: another may be anybody's. */
function targetOf(response: Response, from: URL, start: URL): URL {
  const location = response.headers.get("Location") ?? "";
  if (location === "" || !URL.canParse(location, from.href)) {
    throw new ContactsAppFailed(
      start,
      `answered with status ${response.status} and no address to go to`,
    );
  }
  const target = new URL(location, from);
  if (target.origin === start.origin) return target;
  // Only schemes of the web have an origin (WHATWG URL section 4.7).
  const where = target.origin === "null" ? `a ${target.protocol} address` : target.origin;
  throw new ContactsAppFailed(
    start,
    `redirects to ${where}, and Doorman stays at one address: name the right one in roster_url`,
  );
}

/** What fetch does not take: a URL with a user or a password. */
function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
}

/** RFC 7617 section 2. */
function authorizationOf({ username, password }: URL): { Authorization?: string } {
  if (username === "" && password === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { Authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}
