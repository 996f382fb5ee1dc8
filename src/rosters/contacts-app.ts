import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { type Contact, ContactSchema } from "../../gen/doorman/v1/roster_pb.js";
import { DoormanError } from "../errors/doorman-error.js";
import { quoted } from "../errors/quote.js";
import type { BareJid } from "../jid/jid.js";
import { MAX_CONTACTS, parseContact } from "./contact.js";
import { ContactsAppFailed, requestRoster } from "./contacts-app-request.js";

// mod_http_roster_admin reads groups as an object whose keys are the names; an array of names is what
// anybody would write. An app in PHP writes an object without members as [].
// Zod's own record would leave out "__proto__", which is a name like others here.
const objectSchema = z.custom<object>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);
const groupsSchema = z.union([
  z.array(z.string()),
  objectSchema.transform((groups) => Object.keys(groups)),
]);
const entrySchema = z.object({ name: z.string().nullish(), groups: groupsSchema.nullish() });
const entriesSchema = z
  .union([objectSchema, z.tuple([])])
  .transform((contacts) => Object.entries(contacts))
  .pipe(z.array(z.tuple([z.string(), entrySchema])));

/**
 * Fetches a user's roster from the contacts app, as mod_http_roster_admin does. Every contact has
 * subscription both. Tabs and line ends in names, which a roster cannot hold, become a space: people
 * type them by accident, and nobody's roster should fail for that.
 * @param app.rosterUrl has %s where the URL-encoded username goes, and may have user:password@ for HTTP's
 *   Basic authentication
 * @param app.check throws INVALID_FIELD for a contact that the chat server could not keep
 * @throws CONTACTS_APP_FAILED when two tries bring no answer, or not one with a roster
 */
export async function fetchContacts(
  {
    rosterUrl,
    check,
  }: { rosterUrl: string; check: (contact: Contact, field: string) => Promise<void> },
  user: BareJid,
  signal: AbortSignal,
): Promise<Contact[]> {
  // To a URL these are steps through folders, however they are encoded (RFC 3986 section 5.2.4).
  if (user.local === "." || user.local === "..") {
    throw new ContactsAppFailed(rosterUrl, `cannot be asked for a user called "${user.local}"`);
  }
  const url = new URL(rosterUrl.replace("%s", encodeURIComponent(user.local)));
  const text = await requestRoster(url, signal);
  const noRoster = (error: unknown, what: string) =>
    new ContactsAppFailed(url, `answered with no roster: ${what}`, error);
  const contacts = new Map<string, Contact>();
  try {
    const entries = entriesSchema.parse(JSON.parse(text));
    if (entries.length > MAX_CONTACTS) throw new Error(`more than ${MAX_CONTACTS} contacts`);
    for (const [jid, entry] of entries) {
      const name = onOneLine(entry.name ?? "");
      const groups = (entry.groups ?? []).map(onOneLine);
      const contact = create(ContactSchema, { jid, name, groups });
      contacts.set(jid, parseContact(contact, user, quoted(jid)));
    }
  } catch (error) {
    const what = error instanceof DoormanError ? error.message : "not an object of JID to contact";
    throw noRoster(error, what);
  }
  for (const [jid, contact] of contacts) {
    await check(contact, quoted(jid)).catch((error: unknown) => {
      const isAboutContact =
        error instanceof DoormanError && error.reason === ErrorReason.INVALID_FIELD;
      throw isAboutContact ? noRoster(error, error.message) : error;
    });
  }
  // Two spellings of one JID: the later one counts, as it would in a JSON object.
  return [...new Map([...contacts.values()].map((contact) => [contact.jid, contact])).values()];
}

function onOneLine(text: string): string {
  return text.replace(/[\t\n\r]+/g, " ");
}
