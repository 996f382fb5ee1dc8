import { Code, ConnectError } from "@connectrpc/connect";
import { SandboxService } from "../../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { InvitePurpose } from "../../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { Subscription } from "../../gen/doorman/v1/roster_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { TestDoorman } from "../support/doorman.js";
import { TestContactsApp } from "../support/test-contacts-app.js";
import { HOST, MUC_DOMAIN, type Stage } from "./stage.js";

/** Sets up the sandbox. Nobody can connect to it, so that its own answers must do for eyes. */
export async function startSandboxStage(): Promise<Stage> {
  const contactsApp = await TestContactsApp.start();
  const doorman = await TestDoorman.start({
    hosts: { [HOST]: { muc: [MUC_DOMAIN], roster_url: contactsApp.rosterUrl } },
    invites: { issuer: "server", protected_users: [`alice@${HOST}`, `boss@${HOST}`] },
  });
  const key = await doorman.createKey(HOST);
  const rooms = doorman.client(RoomService, key);
  const occupants = async (roomJid: string) =>
    (await rooms.listOccupants({ roomJid, pageSize: 1000 })).occupants;
  return {
    version: "",
    doorman,
    key,
    contactsApp,
    isSeen: false,
    async putOccupant({ roomJid, nickname, username, affiliation }) {
      const userJid = `${username}@${HOST}`;
      const sandbox = doorman.client(SandboxService, key);
      await sandbox.putOccupant({ roomJid, nickname, userJid, affiliation });
    },
    async putSession({ roomJid, nickname, username }) {
      const sandbox = doorman.client(SandboxService, key);
      await sandbox.putOccupant({ roomJid, nickname, userJid: `${username}@${HOST}` });
    },
    async configureRoom() {
      // Its rooms have no settings.
    },
    async nicknames(roomJid) {
      return (await occupants(roomJid)).map(({ nickname }) => nickname);
    },
    async joins() {
      return 0;
    },
    async shownHats(roomJid, nickname) {
      const hats = (await occupants(roomJid)).find((one) => one.nickname === nickname)?.hats ?? {};
      return new Map(Object.entries(hats).map(([id, { title }]) => [id, title]));
    },
    async contacts(username) {
      const rosters = doorman.client(RosterService, key);
      const { contacts } = await rosters.getRoster({ userJid: `${username}@${HOST}` });
      return contacts.map(({ jid, name, groups, subscription }) => ({
        jid,
        name,
        groups: [...groups].sort(),
        subscription: Subscription[subscription].toLowerCase(),
      }));
    },
    async canLogIn(username, password) {
      // Nobody logs in to the sandbox, but a contact invite asks for the password too.
      const client = doorman.client(InviteService, await doorman.createKey(HOST));
      const purpose = InvitePurpose.CONTACT;
      const { invite } = await client.createInvite({ purpose, inviterJid: `bob@${HOST}` });
      const contact = { token: invite?.token ?? "", username, password };
      try {
        await client.redeemInvite(contact);
        return true;
      } catch (error) {
        if (ConnectError.from(error).code === Code.InvalidArgument) return false;
        throw error;
      }
    },
    async close() {
      await doorman.close();
      await contactsApp.close();
    },
  };
}
