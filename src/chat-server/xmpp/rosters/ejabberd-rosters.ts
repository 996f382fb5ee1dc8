import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { type Contact, ContactSchema, Subscription } from "../../../../gen/doorman/v1/roster_pb.js";
import { DoormanError, invalidField } from "../../../errors/doorman-error.js";
import { domainOf, localpartOf } from "../../../jid/parts.js";
import type { ChatRosters } from "../../chat-rosters.js";
import { type EjabberdApi, RESULT_CODE } from "../ejabberd-api.js";
import { AddRosterItem } from "./add-roster-item.js";
import { subscriptionName, subscriptionOf } from "./subscription-names.js";

const contactSchema = z.object({ jid: z.string(), nick: z.string(), subscription: z.string() });
/**
 * What get_roster answers. In ejabberd 23.01 a contact in several groups has a row for each, and one in no
 * group has a row with "". In 24.12 every contact has one row.
 */
const rowsSchema = z.array(
  z.union([
    contactSchema.extend({ groups: z.array(z.string()) }),
    contactSchema
      .extend({ group: z.string() })
      .transform(({ group, ...contact }) => ({ ...contact, groups: group === "" ? [] : [group] })),
  ]),
);

/**
 * Rosters by ejabberd's own API: its privileged entities (XEP-0356) cannot set a subscription, and in
 * 23.01 nothing at all.
 */
export class EjabberdRosters implements ChatRosters {
  readonly #api: EjabberdApi;
  readonly #addRosterItem: AddRosterItem;

  constructor(api: EjabberdApi) {
    this.#api = api;
    this.#addRosterItem = new AddRosterItem(api);
  }

  async get(userJid: string, signal: AbortSignal): Promise<Contact[]> {
    const account = { user: localpartOf(userJid), host: domainOf(userJid) };
    // For an account that does not exist get_roster answers an empty list, and add_rosteritem success.
    const task = `say whether ${userJid} exists`;
    if (!(await this.#api.call("check_account", account, RESULT_CODE, { task, signal }))) {
      throw new DoormanError(ErrorReason.USER_NOT_FOUND, `There is no account ${userJid}`);
    }
    const reading = { task: `read the roster of ${userJid}`, signal };
    const rows = await this.#api.call("get_roster", account, rowsSchema, reading);
    const contacts = new Map<string, Contact>();
    for (const { jid, nick, subscription, groups } of rows) {
      const contact = contacts.get(jid) ?? create(ContactSchema, { jid, name: nick });
      contact.subscription = subscriptionOf(subscription);
      contact.groups.push(...groups);
      contacts.set(jid, contact);
    }
    return [...contacts.values()];
  }

  async check(
    userJid: string,
    { groups }: Contact,
    field: string,
    signal: AbortSignal,
  ): Promise<void> {
    const index = groups.findIndex((group) => group.includes(";"));
    if (index === -1) return;
    if (await this.#addRosterItem.keepsSemicolons(domainOf(userJid), signal)) return;
    throw invalidField(
      `${field}.groups[${index}]`,
      "ejabberd cannot keep a group with a semicolon in this version",
    );
  }

  async put(userJid: string, contact: Contact, signal: AbortSignal): Promise<void> {
    const item = {
      ...itemOf(userJid, contact.jid),
      nick: contact.name,
      subs: subscriptionName(contact.subscription || Subscription.BOTH),
    };
    const task = `put ${contact.jid} into the roster of ${userJid}`;
    const isAdded = await this.#addRosterItem.run(item, contact.groups, { task, signal });
    if (!isAdded) throw failed("add_rosteritem", task);
  }

  async remove(userJid: string, contactJid: string, signal: AbortSignal): Promise<void> {
    // The command succeeds for a contact that is not there.
    const contacts = await this.get(userJid, signal);
    if (!contacts.some(({ jid }) => jid === contactJid)) {
      throw new DoormanError(
        ErrorReason.CONTACT_NOT_FOUND,
        `${contactJid} is not in the roster of ${userJid}`,
      );
    }
    const task = `remove ${contactJid} from the roster of ${userJid}`;
    const item = itemOf(userJid, contactJid);
    if (await this.#api.call("delete_rosteritem", item, RESULT_CODE, { task, signal })) return;
    throw failed("delete_rosteritem", task);
  }
}

function failed(command: string, task: string): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_REFUSED,
    `The chat server would not ${task}: ejabberd's API says that ${command} failed, and ejabberd's log may say why`,
  );
}

function itemOf(userJid: string, contactJid: string): Record<string, string> {
  return {
    localuser: localpartOf(userJid),
    localhost: domainOf(userJid),
    user: localpartOf(contactJid),
    host: domainOf(contactJid),
  };
}
