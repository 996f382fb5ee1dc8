import { create } from "@bufbuild/protobuf";
import { ContactSchema, Subscription } from "../../../gen/doorman/v1/roster_pb.js";
import type { ChatRosters } from "../../chat-server/chat-rosters.js";
import type { KeyedLock } from "../../waiting/keyed-lock.js";

/** Makes two users of the chat server each other's contacts; names and groups that are there stay. */
export async function makeContacts(
  { rosters, rosterLock }: { rosters: ChatRosters; rosterLock: KeyedLock },
  oneJid: string,
  otherJid: string,
  signal: AbortSignal,
): Promise<void> {
  await putContact(oneJid, otherJid);
  await putContact(otherJid, oneJid);

  function putContact(userJid: string, contactJid: string): Promise<void> {
    const task = `make ${contactJid} a contact of ${userJid}`;
    return rosterLock.run(userJid, task, signal, async () => {
      const contacts = await rosters.get(userJid, signal);
      const known = contacts.find(({ jid }) => jid === contactJid);
      if (known?.subscription === Subscription.BOTH) return;
      const { name = "", groups = [] } = known ?? {};
      const contact = { jid: contactJid, name, groups, subscription: Subscription.BOTH };
      await rosters.put(userJid, create(ContactSchema, contact), signal);
    });
  }
}
