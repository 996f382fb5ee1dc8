import { TestDoorman } from "../support/doorman.js";
import { type Ejabberd, startEjabberd } from "../support/ejabberd.js";
import type { EjabberdOptions } from "../support/ejabberd-configuration.js";
import { TestContactsApp } from "../support/test-contacts-app.js";
import type { XmppUser } from "../support/xmpp-user.js";
import { HOST, MUC_DOMAIN, type Stage } from "./stage.js";
import { xmppStage } from "./xmpp-stage.js";

/** Is a stage with a real ejabberd behind it, and the users' own clients for eyes. */
export interface EjabberdStage extends Stage {
  readonly ejabberd: Ejabberd;
  /** Answers the client of a user of HOST, who logs in at the first call. */
  user(username: string): Promise<XmppUser>;
}

/**
 * Starts an ejabberd of the tests' own, and Doorman in front of it.
 * @param settings of Doorman's for its XMPP server, in place of those that name this ejabberd
 */
export async function startEjabberdStage(
  options: EjabberdOptions = {},
  settings: { ejabberd_api?: string | undefined } = {},
): Promise<EjabberdStage> {
  const ejabberd = await startEjabberd(options);
  const contactsApp = await TestContactsApp.start();
  process.env.DOORMAN_XMPP_PASSWORD = ejabberd.password("doorman");
  const doorman = await TestDoorman.start({
    hosts: {
      // ejabberd lists by itself only what is a subdomain of the host.
      [HOST]: { roster_url: contactsApp.rosterUrl, muc: [MUC_DOMAIN] },
      localhost: {},
    },
    xmpp: {
      service: ejabberd.service,
      jid: ejabberd.adminJid,
      ejabberd_api: ejabberd.apiUrl,
      ...settings,
    },
    invites: { issuer: "doorman", protected_users: [`alice@${HOST}`, `boss@${HOST}`] },
  });
  await doorman.untilReady();
  const { close: logOut, ...played } = await xmppStage(ejabberd);
  return {
    ...played,
    doorman,
    key: await doorman.createKey(HOST),
    contactsApp,
    ejabberd,
    async close() {
      await doorman.close();
      await logOut();
      await contactsApp.close();
      await ejabberd.stop();
    },
  };
}
