import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { Contact } from "../../gen/doorman/v1/roster_pb.js";
import {
  GetRosterResponseSchema,
  RemoveContactResponseSchema,
  ReplaceRosterResponseSchema,
  type RosterService,
  SetContactResponseSchema,
} from "../../gen/doorman/v1/roster_service_pb.js";
import { invalidField } from "../errors/doorman-error.js";
import { type BareJid, parseBareJid, parseContactJid } from "../jid/jid.js";
import { callerKey } from "../keys/caller.js";
import { readBack } from "../waiting/after-change.js";
import { withDeadline } from "../waiting/with-deadline.js";
import { equalContacts, MAX_CONTACTS, parseContact } from "./contact.js";
import { notApplied, reconcileRoster } from "./reconcile-roster.js";
import type { RosterDependencies } from "./refresh-roster.js";
import { refreshRosters } from "./refresh-rosters.js";
import { refreshRostersWithProgress } from "./refresh-with-progress.js";

/** When a replacement ends at the latest; what was changed by then stays so. */
const REPLACE_DEADLINE_MS = 5 * 60_000;

/** Makes the RosterService of roster_service.proto. */
export function rosterService(dependencies: RosterDependencies): ServiceImpl<typeof RosterService> {
  const { hosts, chatServer, rosterLock } = dependencies;
  const { rosters } = chatServer;

  /** Reads whose roster a call is about, and makes sure that the caller may touch it. */
  function parseOwner(userJid: string, context: HandlerContext): BareJid {
    const user = parseBareJid(userJid, "user_jid");
    hosts.requireHost(context.values.get(callerKey), user.domain);
    return user;
  }

  /** Does what must not run at the same time as another change of a user's roster. */
  function inTurn<T>(user: BareJid, signal: AbortSignal, change: () => Promise<T>): Promise<T> {
    return rosterLock.run(user.bare, `change the roster of ${user.bare}`, signal, change);
  }

  function contactsAfter(user: BareJid, signal: AbortSignal): Promise<Contact[]> {
    const task = `change the roster of ${user.bare}`;
    return readBack(task, () => rosters.get(user.bare, signal));
  }

  return {
    async getRoster(request, context) {
      const user = parseOwner(request.userJid, context);
      const contacts = await rosters.get(user.bare, context.signal);
      return create(GetRosterResponseSchema, { contacts: contacts.sort(byJid) });
    },

    async setContact(request, context) {
      const user = parseOwner(request.userJid, context);
      if (!request.contact) throw invalidField("contact", "is required");
      const contact = parseContact(request.contact, user, "contact");
      await rosters.check(user.bare, contact, "contact", context.signal);
      const contacts = await inTurn(user, context.signal, async () => {
        // Asks first, because a server may take a contact for an account that it does not have.
        await rosters.get(user.bare, context.signal);
        await rosters.put(user.bare, contact, context.signal);
        return contactsAfter(user, context.signal);
      });
      const stored = contacts.find(({ jid }) => jid === contact.jid);
      if (!stored || !equalContacts(stored, contact)) throw notApplied(user.bare);
      return create(SetContactResponseSchema, { contact: stored });
    },

    async removeContact(request, context) {
      const user = parseOwner(request.userJid, context);
      const contactJid = parseContactJid(request.contactJid, "contact_jid").bare;
      const left = await inTurn(user, context.signal, async () => {
        await rosters.get(user.bare, context.signal);
        await rosters.remove(user.bare, contactJid, context.signal);
        return contactsAfter(user, context.signal);
      });
      if (left.some(({ jid }) => jid === contactJid)) throw notApplied(user.bare);
      return create(RemoveContactResponseSchema);
    },

    async replaceRoster(request, context) {
      const user = parseOwner(request.userJid, context);
      const wanted = parseContacts(request.contacts, user);
      for (const [index, contact] of wanted.entries()) {
        await rosters.check(user.bare, contact, `contacts[${index}]`, context.signal);
      }
      const changes = await withDeadline(context.signal, REPLACE_DEADLINE_MS, (signal) =>
        inTurn(user, signal, () =>
          reconcileRoster(rosters, user.bare, wanted, { dryRun: false, signal }),
        ),
      );
      return create(ReplaceRosterResponseSchema, { changes });
    },

    refreshRosters: (request, context) =>
      refreshRosters(dependencies, context.values.get(callerKey), request, context.signal),

    refreshRostersWithProgress(request, context) {
      const caller = context.values.get(callerKey);
      return refreshRostersWithProgress(dependencies, caller, request, context.signal);
    },
  };
}

function parseContacts(contacts: Contact[], owner: BareJid): Contact[] {
  if (contacts.length > MAX_CONTACTS) {
    throw invalidField("contacts", `has at most ${MAX_CONTACTS} contacts`);
  }
  const seen = new Set<string>();
  return contacts.map((contact, index) => {
    const parsed = parseContact(contact, owner, `contacts[${index}]`);
    if (seen.has(parsed.jid)) throw invalidField(`contacts[${index}].jid`, "is there twice");
    seen.add(parsed.jid);
    return parsed;
  });
}

function byJid(one: Contact, other: Contact): number {
  return one.jid < other.jid ? -1 : 1;
}
