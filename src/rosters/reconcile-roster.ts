import { create } from "@bufbuild/protobuf";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import {
  type Contact,
  type RosterChanges,
  RosterChangesSchema,
} from "../../gen/doorman/v1/roster_pb.js";
import type { ChatRosters } from "../chat-server/chat-rosters.js";
import { DoormanError } from "../errors/doorman-error.js";
import { afterChange, readBack } from "../waiting/after-change.js";
import { equalContacts } from "./contact.js";

/**
 * How many changes of one roster are under way at once. A few hide the way to a server elsewhere; more
 * gain nothing, because Prosody saves the whole roster at each, and keep others' calls waiting.
 */
const CHANGES_AT_ONCE = 4;

/**
 * Makes the wanted contacts a user's whole roster, reads it back, and answers what was different. Of
 * two that run at once for one user the roster would be a mixture: callers let them run in turn.
 * @param wanted as parseContact leaves them, each JID once
 * @throws USER_NOT_FOUND, CHANGE_NOT_APPLIED, SERVER_REFUSED; what was changed before stays so
 */
export async function reconcileRoster(
  rosters: ChatRosters,
  userJid: string,
  wanted: readonly Contact[],
  { dryRun, signal }: { dryRun: boolean; signal: AbortSignal },
): Promise<RosterChanges> {
  const plan = compare(await rosters.get(userJid, signal), wanted);
  const changes = create(RosterChangesSchema, {
    added: plan.add.length,
    changed: plan.change.length,
    removed: plan.remove.length,
  });
  if (dryRun || isEmpty(plan)) return changes;
  // From the first change on no failure can say that nothing was done.
  const task = `change the roster of ${userJid}`;
  return await afterChange(task, async () => {
    await each([...plan.add, ...plan.change], (contact) => rosters.put(userJid, contact, signal));
    await each(plan.remove, ({ jid }) => removeIfThere(rosters, userJid, jid, signal));
    const contacts = await readBack(task, () => rosters.get(userJid, signal));
    if (!isEmpty(compare(contacts, wanted))) throw notApplied(userJid);
    return changes;
  });
}

/** Makes the error for a roster that the chat server says it changed and that shows otherwise. */
export function notApplied(userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.CHANGE_NOT_APPLIED,
    `The chat server accepted the change, but the roster of ${userJid} does not show it: somebody else may be changing it, so try again`,
  );
}

interface Plan {
  add: Contact[];
  change: Contact[];
  remove: Contact[];
}

function compare(current: readonly Contact[], wanted: readonly Contact[]): Plan {
  const currentByJid = new Map(current.map((contact) => [contact.jid, contact]));
  const wantedJids = new Set(wanted.map(({ jid }) => jid));
  const differs = (contact: Contact) => {
    const old = currentByJid.get(contact.jid);
    return old !== undefined && !equalContacts(old, contact);
  };
  return {
    add: wanted.filter(({ jid }) => !currentByJid.has(jid)),
    change: wanted.filter(differs),
    remove: current.filter(({ jid }) => !wantedJids.has(jid)),
  };
}

function isEmpty({ add, change, remove }: Plan): boolean {
  return add.length + change.length + remove.length === 0;
}

/** Changes some at once; after a failure begins no more, and ends when all that it began have ended. */
async function each(
  contacts: readonly Contact[],
  change: (contact: Contact) => Promise<void>,
): Promise<void> {
  const queue = contacts.values();
  let hasFailed = false;
  async function work(): Promise<void> {
    for (const contact of queue) {
      if (hasFailed) return;
      await change(contact).catch((error: unknown) => {
        hasFailed = true;
        throw error;
      });
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: CHANGES_AT_ONCE }, work));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

async function removeIfThere(
  rosters: ChatRosters,
  userJid: string,
  contactJid: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await rosters.remove(userJid, contactJid, signal);
  } catch (error) {
    const isGone = error instanceof DoormanError && error.reason === ErrorReason.CONTACT_NOT_FOUND;
    if (!isGone) throw error;
  }
}
