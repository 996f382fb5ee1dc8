import { xml } from "@xmpp/client";
import { TestDoorman } from "../support/doorman.js";
import { TestContactsApp } from "../support/test-contacts-app.js";
import { XmppUser } from "../support/xmpp-user.js";
import type { Elsewhere } from "./elsewhere.js";
import { HOST, MUC_DOMAIN, type Stage } from "./stage.js";
import { refreshedAtLogin, xmppStage } from "./xmpp-stage.js";

const COMMANDS = "http://jabber.org/protocol/commands";
const ADMIN = "http://jabber.org/protocol/admin";
const USERNAMES = ["john", "aaron", "marie", "michael", "alice", "bob"];

/** Sets a stage on a server that already runs, and makes the accounts that are not there yet. */
export async function startElsewhereStage(elsewhere: Elsewhere): Promise<Stage> {
  const { service, jid, password, usersPassword, ejabberdApi, issuer } = elsewhere;
  const server = { service, domain: HOST, password: () => usersPassword };
  const admin = await XmppUser.login(server, jid, password);
  try {
    for (const username of USERNAMES) await addUser(admin, username, usersPassword);
  } finally {
    await admin.close();
  }
  const contactsApp = await TestContactsApp.start();
  process.env.DOORMAN_XMPP_PASSWORD = password;
  const doorman = await TestDoorman.start({
    hosts: { [HOST]: { ...refreshedAtLogin(contactsApp), muc: [MUC_DOMAIN] } },
    xmpp: { service, jid, ...(ejabberdApi && { ejabberd_api: ejabberdApi }) },
    invites: { issuer, protected_users: [`alice@${HOST}`, `boss@${HOST}`] },
  });
  await doorman.untilReady();
  const { close: logOut, ...played } = await xmppStage(server);
  return {
    ...played,
    doorman,
    key: await doorman.createKey(HOST),
    contactsApp,
    async close() {
      await doorman.close();
      await logOut();
      await contactsApp.close();
    },
  };
}

/**
 * Makes an account (XEP-0133 section 4.1). Whether it was there already, with which password, and whether
 * the server has the command at all, the user's login will tell.
 */
async function addUser(admin: XmppUser, username: string, password: string): Promise<void> {
  const values = {
    FORM_TYPE: ADMIN,
    accountjid: `${username}@${HOST}`,
    password,
    "password-verify": password,
  };
  const fields = Object.entries(values).map(([name, value]) =>
    xml("field", { var: name }, xml("value", {}, value)),
  );
  const form = xml("x", { xmlns: "jabber:x:data", type: "submit" }, ...fields);
  const node = `${ADMIN}#add-user`;
  const start = xml("command", { xmlns: COMMANDS, node, action: "execute" });
  try {
    const asked = (await admin.request("set", HOST, start)).getChild("command");
    const sessionid = asked?.getAttr("sessionid");
    const complete = { xmlns: COMMANDS, node, action: "complete", sessionid };
    await admin.request("set", HOST, xml("command", complete, form));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "StanzaError") throw error;
  }
}
