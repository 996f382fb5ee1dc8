import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { type Contact, ContactSchema, Subscription } from "../../../../gen/doorman/v1/roster_pb.js";
import { DoormanError, invalidField } from "../../../errors/doorman-error.js";
import { domainOf, localpartOf } from "../../../jid/parts.js";
import type { ChatRosters } from "../../chat-rosters.js";
import { type EjabberdApi, RESULT_CODE } from "../ejabberd-api.js";
import { subscriptionName, subscriptionOf } from "./subscription-names.js";

/** A contact in no group has one row, one in several has a row for each. */
const rowsSchema = z.array(
  z.object({ jid: z.string(), nick: z.string(), subscription: z.string(), group: z.string() }),
);

/**
 * Rosters by ejabberd's own API: its privileged entities (XEP-0356) cannot set a subscription, and in
 * 23.01 nothing at all.
 */
export class EjabberdRosters implements ChatRosters {
  readonly #api: EjabberdApi;

  constructor(api: EjabberdApi) {
    this.#api = api;
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
    for (const { jid, nick, subscription, group } of rows) {
      const contact = contacts.get(jid) ?? create(ContactSchema, { jid, name: nick });
      contact.subscription = subscriptionOf(subscription);
      if (group !== "") contact.groups.push(group);
      contacts.set(jid, contact);
    }
    return [...contacts.values()];
  }

  check({ groups }: Contact, field: string): void {
    const index = groups.findIndex((group) => group.includes(";"));
    if (index === -1) return;
    throw invalidField(
      `${field}.groups[${index}]`,
      "ejabberd cannot keep a group with a semicolon",
    );
  }

  async put(userJid: string, contact: Contact, signal: AbortSignal): Promise<void> {
    const item = {
      ...itemOf(userJid, contact.jid),
      nick: contact.name,
      group: contact.groups.join(";"),
      subs: subscriptionName(contact.subscription || Subscription.BOTH),
    };
    const task = `put ${contact.jid} into the roster of ${userJid}`;
    await this.#change("add_rosteritem", item, task, signal);
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
    await this.#change("delete_rosteritem", itemOf(userJid, contactJid), task, signal);
  }

  async #change(
    command: "add_rosteritem" | "delete_rosteritem",
    item: Record<string, string>,
    task: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (await this.#api.call(command, item, RESULT_CODE, { task, signal })) return;
    throw new DoormanError(
      ErrorReason.SERVER_REFUSED,
      `The chat server would not ${task}: ejabberd's API says that ${command} failed, and ejabberd's log may say why`,
    );
  }
}

function itemOf(userJid: string, contactJid: string): Record<string, string> {
  return {
    localuser: localpartOf(userJid),
    localhost: domainOf(userJid),
    user: localpartOf(contactJid),
    host: domainOf(contactJid),
  };
}
