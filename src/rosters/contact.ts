import { create } from "@bufbuild/protobuf";
import { type Contact, ContactSchema, Subscription } from "../../gen/doorman/v1/roster_pb.js";
import { invalidField } from "../errors/doorman-error.js";
import { parseText } from "../fields/text.js";
import { type BareJid, parseContactJid } from "../jid/jid.js";

const MAX_GROUPS = 100;

/**
 * Checks a contact and writes it in the one form that two equal contacts share: normalised JID, groups
 * sorted and each once, a subscription that is not given as both.
 * @param field where the contact stands in the request, such as `contacts[2]`
 */
export function parseContact(contact: Contact, owner: BareJid, field: string): Contact {
  const jid = parseContactJid(contact.jid, `${field}.jid`).bare;
  if (jid === owner.bare) throw invalidField(`${field}.jid`, "a roster cannot hold its own user");
  if (contact.groups.length > MAX_GROUPS) {
    throw invalidField(`${field}.groups`, `has at most ${MAX_GROUPS} groups`);
  }
  if (Subscription[contact.subscription] === undefined) {
    throw invalidField(`${field}.subscription`, "is none that this version knows");
  }
  return create(ContactSchema, {
    jid,
    name: parseText(contact.name, `${field}.name`),
    groups: contact.groups.map((group, index) => parseGroup(group, `${field}.groups[${index}]`)),
    subscription: contact.subscription || Subscription.BOTH,
  });
}

function parseGroup(group: string, field: string): string {
  if (group === "") throw invalidField(field, "a group needs a name");
  return parseText(group, field);
}

/** Whether two contacts of the same JID say the same; the order of groups says nothing. */
export function equalContacts(one: Contact, other: Contact): boolean {
  const groupsOf = (contact: Contact) => JSON.stringify([...new Set(contact.groups)].sort());
  return (
    one.name === other.name &&
    one.subscription === other.subscription &&
    groupsOf(one) === groupsOf(other)
  );
}
