import { TestDoorman } from "../doorman.js";

export const ROOM = "snuggery@chat.example.org";
export const USER = "john@example.com";
export const WEARER = "bob@example.com";
export const HAT = "urn:example:hat";

/** Is a sandbox with something in every place that a bad input could damage. */
export interface Stage {
  doorman: TestDoorman;
  /** Good for example.com, with all grants. */
  key: string;
  /** Good for localhost. */
  otherKey: string;
  /** Good for example.com, with rosters.read alone. */
  limitedKey: string;
  deletedKey: string;
  expiredKey: string;
  /** Real page tokens, each with a page to come. */
  pageTokens: { invites: string; otherInvites: string; occupants: string };
  /** A token of example.com's, for one account. */
  invite: string;
  /** A token of localhost's. */
  otherInvite: string;
  /** What `everything` answered last. */
  before: string[];
  /** How much of the log has been looked at. */
  logRead: number;
}

export async function setStage(): Promise<Stage> {
  // All inputs are sent at once from one address.
  const doorman = await TestDoorman.start({ connections_per_address: 4_096 });
  const key = await doorman.createKey("example.com");
  const otherKey = await doorman.createKey("localhost");
  const deletedKey = await doorman.createKey("example.com");
  await doorman.keys.delete("example.com", deletedKey.slice(0, deletedKey.indexOf("/")));
  const call = (method: string, message: object, withKey = key) =>
    answer(doorman, method, message, withKey);
  // Not what the contacts app has for john, so that a refresh of his would show.
  const contact = { jid: "marie@example.com", name: "M", groups: ["Friends"] };
  await call("RosterService/SetContact", { userJid: USER, contact });
  const hat = { userJid: WEARER, roomJid: ROOM, hatId: HAT, attachment: { active: true } };
  await call("HatService/AddUserHat", hat);
  for (const note of ["one", "two"]) await call("InviteService/CreateInvite", { note });
  await call("InviteService/CreateInvite", { requestId: "used", note: "three" });
  await call("InviteService/CreateInvite", {}, otherKey);
  const { invite: own } = await call("InviteService/CreateInvite", {});
  const { invite } = await call("InviteService/CreateInvite", {}, otherKey);
  const invites = await call("InviteService/ListInvites", { pageSize: 1 });
  const otherInvites = await call("InviteService/ListInvites", { pageSize: 1 }, otherKey);
  const occupants = await call("RoomService/ListOccupants", { roomJid: ROOM, pageSize: 1 });
  const stage = {
    doorman,
    key,
    otherKey,
    limitedKey: await doorman.createKey("example.com", ["rosters.read"]),
    deletedKey,
    expiredKey: await doorman.keys.create("example.com", "", ["rosters.read"], new Date(0)),
    pageTokens: {
      invites: invites.nextPageToken,
      otherInvites: otherInvites.nextPageToken,
      occupants: occupants.nextPageToken,
    },
    invite: own.token,
    otherInvite: invite.token,
    before: [] as string[],
    logRead: 0,
  };
  return { ...stage, before: await everything(stage) };
}

/** Answers all that a bad input could have changed: rosters, occupants, hats, invites, keys, each as JSON. */
export async function everything({ doorman, key, otherKey }: Stage): Promise<string[]> {
  const usernames = ["john", "aaron", "marie", "michael", "alice", "bob"];
  const room = "room@conference.localhost";
  const parts = [
    ...(await Promise.all(
      usernames.map((username) =>
        answer(doorman, "RosterService/GetRoster", { userJid: `${username}@example.com` }, key),
      ),
    )),
    await answer(doorman, "RosterService/GetRoster", { userJid: "user@localhost" }, otherKey),
    await answer(doorman, "RoomService/ListOccupants", { roomJid: ROOM }, key),
    await answer(doorman, "RoomService/ListOccupants", { roomJid: room }, otherKey),
    await answer(doorman, "HatService/GetUserHats", { userJid: WEARER, roomJid: ROOM }, key),
    await answer(doorman, "InviteService/ListInvites", {}, key),
    await answer(doorman, "InviteService/ListInvites", {}, otherKey),
    await doorman.keys.list("example.com"),
    await doorman.keys.list("localhost"),
  ];
  return parts.map((part) => JSON.stringify(part));
}

async function answer(doorman: TestDoorman, method: string, message: object, key: string) {
  const response = await doorman.rpc(method, key, message);
  if (response.status !== 200) throw new Error(`${method}: ${await response.text()}`);
  return JSON.parse(await response.text());
}
