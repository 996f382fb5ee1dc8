import { Affiliation } from "../../gen/doorman/v1/room_pb.js";
import { TestDoorman } from "../support/doorman.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import type { ProsodyOptions } from "../support/prosody-configuration.js";
import { TestContactsApp } from "../support/test-contacts-app.js";
import { XmppUser } from "../support/xmpp-user.js";
import { HOST, type Stage } from "./stage.js";

/** What Prosody 0.12 shows hats in. */
const HATS = "xmpp:prosody.im/protocol/hats:1";

/** Is a stage with a real Prosody behind it, and the users' own clients for eyes. */
export interface ProsodyStage extends Stage {
  readonly prosody: Prosody;
  /** Answers the client of a user of HOST, who logs in at the first call. */
  user(username: string): Promise<XmppUser>;
}

/** Starts a Prosody of the tests' own, and Doorman in front of it. */
export async function startProsodyStage(options: ProsodyOptions = {}): Promise<ProsodyStage> {
  const prosody = await startProsody(options);
  const contactsApp = await TestContactsApp.start();
  process.env.DOORMAN_XMPP_PASSWORD = prosody.password("doorman");
  const doorman = await TestDoorman.start({
    hosts: { [HOST]: { roster_url: contactsApp.rosterUrl }, localhost: {} },
    xmpp: { service: prosody.service, jid: prosody.adminJid },
  });
  await doorman.untilReady();
  const key = await doorman.createKey(HOST);

  const users = new Map<string, Promise<XmppUser>>();
  function user(username: string): Promise<XmppUser> {
    const known = users.get(username) ?? XmppUser.login(prosody, username);
    users.set(username, known);
    return known;
  }
  const owners = new Map<string, string>();

  return {
    doorman,
    key,
    contactsApp,
    prosody,
    user,
    async putOccupant({ roomJid, nickname, username, affiliation }) {
      const owner = owners.get(roomJid);
      owners.set(roomJid, owner ?? username);
      if (owner !== undefined && affiliation !== Affiliation.NONE) {
        const granted = Affiliation[affiliation].toLowerCase();
        await (await user(owner)).grantAffiliation(roomJid, `${username}@${HOST}`, granted);
      }
      await (await user(username)).joinRoom(roomJid, nickname);
    },
    async nicknames(roomJid) {
      return [...(await seenFromInside(prosody, roomJid)).keys()];
    },
    async shownHats(roomJid, nickname) {
      return (await seenFromInside(prosody, roomJid)).get(nickname) ?? new Map();
    },
    async contacts(username) {
      const items = await (await user(username)).roster();
      return items.map(({ jid, name, groups, subscription }) => ({
        jid,
        name: name ?? "",
        groups: [...groups].sort(),
        subscription: subscription ?? "none",
      }));
    },
    async close() {
      await doorman.close();
      for (const one of users.values()) await (await one).close();
      await contactsApp.close();
      await prosody.stop();
    },
  };
}

/** Joins a room as a stranger and reads who is there, with the hats in their presence. */
async function seenFromInside(
  prosody: Prosody,
  roomJid: string,
): Promise<Map<string, Map<string, string>>> {
  const visitor = await XmppUser.login(prosody, "michael");
  try {
    await visitor.joinRoom(roomJid, "visitor");
    return new Map(
      visitor.presencesIn(roomJid).map((presence) => {
        const nickname = String(presence.getAttr("from")).split("/")[1] ?? "";
        const hats = presence.getChild("hats", HATS)?.getChildren("hat") ?? [];
        return [
          nickname,
          new Map(hats.map((hat) => [hat.getAttr("uri"), hat.getAttr("title") ?? ""])),
        ];
      }),
    );
  } finally {
    await visitor.close();
  }
}
