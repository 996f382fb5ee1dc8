import { create } from "@bufbuild/protobuf";
import { type Contact, ContactSchema, Subscription } from "../../../gen/doorman/v1/roster_pb.js";
import type { ChatRosters } from "../chat-rosters.js";
import { contactNotFound, serverRefused, throwIfAborted, userNotFound } from "./sandbox-errors.js";
import type { SandboxState } from "./sandbox-state.js";

/** Is the rosters of the sandbox's accounts. Nobody is ever online there: pushes reach nobody. */
export class SandboxRosters implements ChatRosters {
  constructor(private readonly state: SandboxState) {}

  async get(userJid: string, signal: AbortSignal): Promise<Contact[]> {
    throwIfAborted(signal);
    return [...this.roster(userJid).values()].map(copyOfContact);
  }

  /** Memory holds whatever a contact may have. */
  async check(): Promise<void> {}

  async put(userJid: string, contact: Contact, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const roster = this.roster(userJid);
    if (contact.jid === userJid) {
      // RFC 6121 section 2.3.3.
      throw serverRefused(`${userJid} cannot be a contact of its own; give another JID`, {
        condition: "not-allowed",
        type: "cancel",
        by: userJid,
      });
    }
    this.state.ensureSpace(1);
    roster.set(contact.jid, copyOfContact(contact));
  }

  async remove(userJid: string, contactJid: string, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (!this.roster(userJid).delete(contactJid)) throw contactNotFound(userJid, contactJid);
  }

  private roster(userJid: string): Map<string, Contact> {
    const roster = this.state.users.get(userJid);
    if (roster === undefined) throw userNotFound(userJid);
    return roster;
  }
}

function copyOfContact({ jid, name, groups, subscription }: Contact): Contact {
  return create(ContactSchema, {
    jid,
    name,
    // Groups are a set (RFC 6121 section 2.1.2.6).
    groups: [...new Set(groups)],
    subscription: subscription === Subscription.UNSPECIFIED ? Subscription.BOTH : subscription,
  });
}
