import { create } from "@bufbuild/protobuf";
import { type Contact, ContactSchema, Subscription } from "../../gen/doorman/v1/roster_pb.js";
import { invalidField } from "../errors/doorman-error.js";
import { parseLine } from "../fields/text.js";
import { type BareJid, parseContactJid } from "../jid/jid.js";

/**
 * Is how many contacts a roster can be given. Prosody saves the whole roster at every item, so
 * that twice as many take four times as long: 2,000 in place of 2,000 others took it two minutes.
 */
export const MAX_CONTACTS = 2_000;

const MAX_GROUPS = 100;
/**
 * Is how much a contact's JID, name and groups hold together. XML writes a quotation mark in six bytes,
 * and of any contact a stanza of the 200 KiB that servers take must be made: one that turned out too
 * large on its way would leave a roster half changed.
 */
const MAX_CONTACT_BYTES = 30 * 1024;

/**
 * Checks a contact and normalises it: the JID, each group once, a subscription that is not given as
 * both.
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
  const name = parseLine(contact.name, `${field}.name`);
  const groups = contact.groups.map((group, index) =>
    parseGroup(group, `${field}.groups[${index}]`),
  );
  if (Buffer.byteLength([jid, name, ...groups].join("")) > MAX_CONTACT_BYTES) {
    throw invalidField(
      `${field}.groups`,
      `with the JID and the name, has at most ${MAX_CONTACT_BYTES} bytes`,
    );
  }
  return create(ContactSchema, {
    jid,
    name,
    groups: [...new Set(groups)],
    subscription: contact.subscription || Subscription.BOTH,
  });
}

function parseGroup(group: string, field: string): string {
  if (group === "") throw invalidField(field, "a group needs a name");
  return parseLine(group, field);
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
