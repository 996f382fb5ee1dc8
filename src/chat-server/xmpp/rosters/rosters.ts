import { create } from "@bufbuild/protobuf";
import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { type Contact, ContactSchema } from "../../../../gen/doorman/v1/roster_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import type { ChatRosters } from "../../chat-rosters.js";
import { requireUser } from "../accounts/require-user.js";
import type { IqClient } from "../connection/iq.js";
import { attribute, type Element } from "../stanzas/stanza.js";
import { isRefusal, refused } from "../stanzas/stanza-error.js";
import { subscriptionName, subscriptionOf } from "./subscription-names.js";

/** RFC 6121 section 2. */
const NS_ROSTER = "jabber:iq:roster";

/** Rosters of other users, as a privileged entity (XEP-0356 section 4.3). */
export class XmppRosters implements ChatRosters {
  readonly #iq: IqClient;
  readonly #ownJid: string;

  /** @param ownJid the bare JID of Doorman's account */
  constructor(iq: IqClient, ownJid: string) {
    this.#iq = iq;
    this.#ownJid = ownJid;
  }

  async get(userJid: string, signal: AbortSignal): Promise<Contact[]> {
    // Prosody answers an empty roster for a user who does not exist.
    const [, roster] = await Promise.all([
      requireUser(this.#iq, userJid, signal),
      this.#query("get", userJid, `read the roster of ${userJid}`, signal),
    ]);
    return (roster?.getChildren("item") ?? []).map(readContact);
  }

  /** A stanza holds whatever a contact may have. */
  async check(): Promise<void> {}

  async put(userJid: string, contact: Contact, signal: AbortSignal): Promise<void> {
    const task = `put ${contact.jid} into the roster of ${userJid}`;
    await this.#query("set", userJid, task, signal, writeContact(contact));
    // RFC 6121 section 2.1.2.5: on one's own roster a server ignores the subscription.
    if (userJid === this.#ownJid) await this.#requireSubscription(userJid, contact, signal);
  }

  async remove(userJid: string, contactJid: string, signal: AbortSignal): Promise<void> {
    const task = `remove ${contactJid} from the roster of ${userJid}`;
    const item = xml("item", { jid: contactJid, subscription: "remove" });
    try {
      await this.#query("set", userJid, task, signal, item);
    } catch (error) {
      if (!isRefusal(error, "item-not-found")) throw error;
      throw new DoormanError(
        ErrorReason.CONTACT_NOT_FOUND,
        `${contactJid} is not in the roster of ${userJid}`,
        { stanza: error.stanza },
      );
    }
  }

  async #requireSubscription(userJid: string, contact: Contact, signal: AbortSignal) {
    const contacts = await this.get(userJid, signal);
    const subscription = contacts.find(({ jid }) => jid === contact.jid)?.subscription;
    if (
      subscription !== undefined &&
      subscriptionName(subscription) === subscriptionName(contact.subscription)
    )
      return;
    throw new DoormanError(
      ErrorReason.CHANGE_NOT_APPLIED,
      `${userJid} is Doorman's own account, whose subscriptions the chat server does not let it set`,
    );
  }

  async #query(
    type: "get" | "set",
    userJid: string,
    task: string,
    signal: AbortSignal,
    ...items: Element[]
  ): Promise<Element | undefined> {
    const payload = xml("query", { xmlns: NS_ROSTER }, ...items);
    try {
      const result = await this.#iq.request({ type, to: userJid, payload, task, signal });
      return result.getChild("query", NS_ROSTER);
    } catch (error) {
      if (!isRefusal(error, "service-unavailable", "forbidden")) throw error;
      // The answer for a user who does not exist and for a server without the module is one.
      await requireUser(this.#iq, userJid, signal);
      throw refused(task, error.stanza, PRIVILEGE_ADVICE);
    }
  }
}

const PRIVILEGE_ADVICE =
  'Doorman\'s account needs the privilege to manage rosters: in Prosody, load mod_privilege and list the account in "privileged_entities" of that host with roster = "both"; in front of ejabberd, whose rosters are managed by its own API, set xmpp.ejabberd_api in Doorman\'s configuration';

function readContact(item: Element): Contact {
  return create(ContactSchema, {
    jid: attribute(item, "jid"),
    name: attribute(item, "name"),
    groups: item.getChildren("group").map((group) => group.getText()),
    subscription: subscriptionOf(attribute(item, "subscription")),
  });
}

function writeContact({ jid, name, groups, subscription }: Contact): Element {
  const attributes = { jid, subscription: subscriptionName(subscription) };
  return xml(
    "item",
    name === "" ? attributes : { ...attributes, name },
    ...groups.map((group) => xml("group", {}, group)),
  );
}
