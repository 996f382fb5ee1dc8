import { xml } from "@xmpp/client";
import { Affiliation } from "../../gen/doorman/v1/room_pb.js";
import type { RunningChatServer } from "../support/running-chat-server.js";
import { hatsIn } from "../support/shown-hats.js";
import type { TestContactsApp } from "../support/test-contacts-app.js";
import { XmppUser } from "../support/xmpp-user.js";
import { HOST, type Stage } from "./stage.js";

/** Is the part of a stage that real users' clients play, the same on every real server. */
export interface XmppStage
  extends Pick<
    Stage,
    | "version"
    | "isSeen"
    | "putOccupant"
    | "putSession"
    | "configureRoom"
    | "nicknames"
    | "joins"
    | "shownHats"
    | "contacts"
    | "canLogIn"
  > {
  /** Answers the client of a user of HOST, who logs in at the first call. */
  user(username: string): Promise<XmppUser>;
  /** Logs all users out. */
  close(): Promise<void>;
}

/** Says that rosters come from a contacts app, and that each is refreshed at its user's first login. */
export function refreshedAtLogin({ rosterUrl }: TestContactsApp) {
  return { roster_url: rosterUrl, refresh_at_login: "1d" };
}

export async function xmppStage(server: RunningChatServer): Promise<XmppStage> {
  const users = new Map<string, Promise<XmppUser>>();
  function user(username: string, password?: string): Promise<XmppUser> {
    const known = users.get(username) ?? XmppUser.login(server, username, password);
    users.set(username, known);
    return known;
  }
  const sessions: XmppUser[] = [];
  const owners = new Map<string, string>();

  return {
    isSeen: true,
    version: await (await user("john")).serverVersion(),
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
    async putSession({ roomJid, nickname, username }) {
      const session = await XmppUser.login(server, username);
      sessions.push(session);
      await session.joinRoom(roomJid, nickname);
    },
    async configureRoom(roomJid, username, settings) {
      await (await user(username)).configureRoom(roomJid, settings);
    },
    async nicknames(roomJid) {
      const seen = [...(await seenFromInside(server, roomJid)).keys()];
      // Doorman may stay for a while.
      return seen.filter((nickname) => nickname !== "Doorman");
    },
    async joins(roomJid, username, nickname) {
      const observer = await user(username);
      // The room's answer comes after everything that it has sent before.
      const info = xml("query", { xmlns: "http://jabber.org/protocol/disco#info" });
      await observer.request("get", roomJid, info);
      const seen = observer.presencesIn(roomJid);
      const own = seen.filter((one) => one.getAttr("from") === `${roomJid}/${nickname}`);
      const came = own.map((one) => one.getAttr("type") !== "unavailable");
      // What comes while the occupant is there tells of a change.
      return came.filter((is, index) => is && !came[index - 1]).length;
    },
    async shownHats(roomJid, nickname) {
      const seen = await seenFromInside(server, roomJid);
      return seen.get(nickname) ?? new Map();
    },
    async contacts(username, password) {
      const items = await (await user(username, password)).roster();
      return items.map(({ jid, name, groups, subscription }) => ({
        jid,
        name: name ?? "",
        groups: [...groups].sort(),
        subscription: subscription ?? "none",
      }));
    },
    async canLogIn(username, password) {
      try {
        await (await XmppUser.login(server, username, password)).close();
        return true;
      } catch (error) {
        // RFC 6120 section 6.5.10: any other failure is not the password's.
        if (error instanceof Error && /not-authorized/.test(String(error))) return false;
        throw error;
      }
    },
    async close() {
      for (const one of [...users.values(), ...sessions]) await (await one).close();
    },
  };
}

/** Joins a room as a stranger and reads who is there, with the hats in their presence. */
async function seenFromInside(
  server: RunningChatServer,
  roomJid: string,
): Promise<Map<string, Map<string, string>>> {
  const visitor = await XmppUser.login(server, "michael");
  try {
    await visitor.joinRoom(roomJid, "visitor");
    const seen = new Map<string, Map<string, string>>();
    for (const presence of visitor.presencesIn(roomJid)) {
      const nickname = String(presence.getAttr("from")).split("/")[1];
      // ejabberd's rooms also send a presence of their own (XEP-0115), from the bare JID.
      if (nickname === undefined) continue;
      seen.set(nickname, hatsIn(presence));
    }
    return seen;
  } finally {
    await visitor.close();
  }
}
