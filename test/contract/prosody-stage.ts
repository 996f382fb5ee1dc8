import { TestDoorman } from "../support/doorman.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import type { ProsodyOptions } from "../support/prosody-configuration.js";
import { TestContactsApp } from "../support/test-contacts-app.js";
import type { XmppUser } from "../support/xmpp-user.js";
import { HOST, type Stage } from "./stage.js";
import { refreshedAtLogin, xmppStage } from "./xmpp-stage.js";

/** Is a stage with a real Prosody behind it, and the users' own clients for eyes. */
export interface ProsodyStage extends Stage {
  readonly prosody: Prosody;
  /** Answers the client of a user of HOST, who logs in at the first call. */
  user(username: string): Promise<XmppUser>;
}

/**
 * Starts a Prosody of the tests' own, and Doorman in front of it.
 * @param settings of Doorman's for its XMPP server, beside those that name this Prosody
 */
export async function startProsodyStage(
  options: ProsodyOptions = {},
  settings: { nickname?: string; return_ownership?: boolean; room_stay?: string } = {},
): Promise<ProsodyStage> {
  const prosody = await startProsody(options);
  const contactsApp = await TestContactsApp.start();
  process.env.DOORMAN_XMPP_PASSWORD = prosody.password("doorman");
  const doorman = await TestDoorman.start({
    hosts: { [HOST]: { ...refreshedAtLogin(contactsApp) }, localhost: {} },
    xmpp: { service: prosody.service, jid: prosody.adminJid, ...settings },
    invites: { protected_users: [`alice@${HOST}`, `boss@${HOST}`] },
  });
  await doorman.untilReady();
  const { close: logOut, ...played } = await xmppStage(prosody);
  return {
    ...played,
    doorman,
    key: await doorman.createKey(HOST),
    contactsApp,
    prosody,
    async close() {
      await doorman.close();
      await logOut();
      await contactsApp.close();
      await prosody.stop();
    },
  };
}
