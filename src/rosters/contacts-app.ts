import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { type Contact, ContactSchema } from "../../gen/doorman/v1/roster_pb.js";
import { DoormanError } from "../errors/doorman-error.js";
import type { BareJid } from "../jid/jid.js";
import { before } from "../waiting/before.js";
import { withDeadline } from "../waiting/with-deadline.js";
import { MAX_CONTACTS, parseContact } from "./contact.js";

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

// mod_http_roster_admin reads groups as an object whose keys are the names; an array of names is what
// anybody would write. An app in PHP writes an object without members as [].
const groupsSchema = z.union([
  z.array(z.string()),
  z.record(z.string(), z.unknown()).transform((groups) => Object.keys(groups)),
]);
const answerSchema = z.union([
  z.record(z.string(), z.object({ name: z.string().nullish(), groups: groupsSchema.nullish() })),
  z.tuple([]).transform(() => ({})),
]);

/**
 * Fetches a user's roster from the contacts app, as mod_http_roster_admin does. Every contact has
 * subscription both. Tabs and line ends in names, which a roster cannot hold, become a space: people
 * type them by accident, and nobody's roster should fail for that.
 * @param rosterUrl has %s where the URL-encoded username goes, and may have user:password@ for HTTP's
 *   Basic authentication
 * @throws CONTACTS_APP_FAILED when there is no answer in 10 s, or not one with a roster
 */
export async function fetchContacts(
  rosterUrl: string,
  user: BareJid,
  signal: AbortSignal,
): Promise<Contact[]> {
  // To a URL these are steps through folders, however they are encoded (RFC 3986 section 5.2.4).
  if (user.local === "." || user.local === "..") {
    throw failed(rosterUrl, `cannot be asked for a user called "${user.local}"`);
  }
  const url = new URL(rosterUrl.replace("%s", encodeURIComponent(user.local)));
  const text = await fetchText(url, signal);
  try {
    const answer = answerSchema.parse(JSON.parse(text));
    const entries = Object.entries(answer);
    if (entries.length > MAX_CONTACTS) throw new Error(`more than ${MAX_CONTACTS} contacts`);
    const contacts = entries.map(([jid, { name, groups }]) =>
      parseContact(
        create(ContactSchema, {
          jid,
          name: onOneLine(name ?? ""),
          groups: (groups ?? []).map(onOneLine),
        }),
        user,
        jid,
      ),
    );
    // Two spellings of one JID: the later one counts, as it would in a JSON object.
    return [...new Map(contacts.map((contact) => [contact.jid, contact])).values()];
  } catch (error) {
    const what = error instanceof DoormanError ? error.message : "not an object of JID to contact";
    throw failed(url, `answered with no roster: ${what}`, error);
  }
}

function onOneLine(text: string): string {
  return text.replace(/[\t\n\r]+/g, " ");
}

async function fetchText(url: URL, signal: AbortSignal): Promise<string> {
  try {
    return await withDeadline(signal, TIMEOUT_MS, (deadline) =>
      // Raced as well, because fetch forgets its signal when the answer has begun.
      before(fetchWhole(url, deadline), deadline, TIMEOUT_MS, () =>
        failed(url, "did not answer in time"),
      ),
    );
  } catch (error) {
    if (error instanceof DoormanError) throw error;
    throw failed(url, "could not be reached", error);
  }
}

async function fetchWhole(url: URL, deadline: AbortSignal): Promise<string> {
  const response = await fetch(withoutCredentials(url), {
    headers: { Accept: "application/json, text/plain, */*", ...authorizationOf(url) },
    redirect: "manual",
    signal: deadline,
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw failed(url, `answered with status ${response.status}`);
  }
  return await readBounded(response, url);
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

async function readBounded(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES)
      throw failed(url, `answered with more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function failed(url: string | URL, why: string, cause?: unknown): DoormanError {
  // The path can name a user, and the query or a password before the host be the app's own secret.
  const app = new URL(url).origin;
  return new DoormanError(
    ErrorReason.CONTACTS_APP_FAILED,
    `The contacts app at ${app} ${why}; the roster stays as it was`,
    { cause },
  );
}
