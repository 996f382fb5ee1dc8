import { pageToken } from "../../../src/fields/paging.js";
import {
  type BadInput,
  type Expected,
  forbidden,
  invalid,
  malformed,
  notFound,
  rpc,
} from "./bad-input.js";
import { HAT, ROOM, USER, WEARER } from "./stage.js";

const wearer = { userJid: WEARER, roomJid: ROOM };
const contactJid = "marie@example.com";

const setContact = (name: string, contact: unknown, expected: Expected) =>
  rpc(name, "RosterService/SetContact", { userJid: USER, contact }, expected);
const replace = (name: string, contacts: unknown, expected: Expected) =>
  rpc(name, "RosterService/ReplaceRoster", { userJid: USER, contacts }, expected);
const refresh = (name: string, message: object, expected: Expected) =>
  rpc(name, "RosterService/RefreshRosters", message, expected);
const setHats = (name: string, hats: unknown, expected: Expected) =>
  rpc(name, "HatService/SetUserHats", { ...wearer, hats }, expected);
const addHat = (name: string, attachment: unknown, expected: Expected) =>
  rpc(name, "HatService/AddUserHat", { ...wearer, hatId: HAT, attachment }, expected);
const occupants = (name: string, page: object, expected: Expected) =>
  rpc(name, "RoomService/ListOccupants", { roomJid: ROOM, ...page }, expected);

const ROSTERS: BadInput[] = [
  setContact("no contact", undefined, invalid("contact")),
  setContact("a contact that is a text", contactJid, malformed("contact")),
  setContact("the user's own JID", { jid: USER }, invalid("contact.jid")),
  setContact("the user's own JID in capitals", { jid: "JOHN@Example.COM" }, invalid("contact.jid")),
  setContact("groups that are a text", { jid: contactJid, groups: "A" }, malformed("groups")),
  setContact(
    "101 groups",
    { jid: contactJid, groups: Array.from({ length: 101 }, (_, index) => `group ${index}`) },
    invalid("contact.groups"),
  ),
  setContact(
    "a subscription that has no such name",
    { jid: contactJid, subscription: "SUBSCRIPTION_SIDEWAYS" },
    malformed("subscription"),
  ),
  setContact(
    "a subscription that has no such number",
    { jid: contactJid, subscription: 99 },
    invalid("contact.subscription"),
  ),
  setContact(
    "a subscription that is a fraction",
    { jid: contactJid, subscription: 1.5 },
    malformed("subscription"),
  ),
  replace("contacts that are an object", { "marie@example.com": {} }, malformed("contacts")),
  replace("a contact that is null", [{ jid: contactJid }, null], malformed("contacts")),
  replace("a contact that is a number", [7], malformed("contacts")),
  replace("a contact twice", [{ jid: contactJid }, { jid: contactJid }], invalid("contacts[1].jid")),
  replace(
    "a contact twice in two spellings",
    [{ jid: contactJid }, { jid: "Marie@EXAMPLE.com." }],
    invalid("contacts[1].jid"),
  ),
  replace("the user's own JID", [{ jid: contactJid }, { jid: USER }], invalid("contacts[1].jid")),
  replace(
    "10,001 contacts",
    Array.from({ length: 10_001 }, (_, index) => ({ jid: `user${index}@example.com` })),
    invalid("contacts"),
  ),
  rpc(
    "a contact that is not there",
    "RosterService/RemoveContact",
    { userJid: USER, contactJid: "nobody@example.com" },
    notFound("CONTACT_NOT_FOUND"),
  ),
  ...[
    ["GetRoster", {}],
    ["SetContact", { contact: { jid: contactJid } }],
    ["RemoveContact", { contactJid }],
    ["ReplaceRoster", { contacts: [{ jid: contactJid }] }],
  ].flatMap(([name, rest]) => onOtherHosts(`RosterService/${name}`, "user_jid", rest as object)),
  rpc(
    "an unknown user",
    "RosterService/ReplaceRoster",
    { userJid: "nobody@example.com", contacts: [{ jid: contactJid }] },
    notFound("USER_NOT_FOUND"),
  ),
  refresh("usernames that are a text", { usernames: "john" }, malformed("usernames")),
  refresh("usernames that are an object", { usernames: { john: true } }, malformed("usernames")),
  refresh("a username that is a number", { usernames: ["john", 5] }, malformed("usernames")),
  refresh("a username that is null", { usernames: ["john", null] }, malformed("usernames")),
  refresh("a username that is a list", { usernames: [["john"]] }, malformed("usernames")),
  refresh("an empty username", { usernames: ["john", ""] }, invalid("usernames[1]")),
  refresh("a JID for a username", { usernames: ["john", USER] }, invalid("usernames[1]")),
  refresh("a path for a username", { usernames: ["john", "../john"] }, invalid("usernames[1]")),
  refresh(
    "a control character in a username",
    { usernames: ["john", "aa\u0001ron"] },
    invalid("usernames[1]"),
  ),
  refresh(
    "a username of 1,024 bytes",
    { usernames: ["john", "a".repeat(1024)] },
    invalid("usernames[1]"),
  ),
  refresh(
    "10,001 usernames",
    { usernames: Array.from({ length: 10_001 }, (_, index) => `user${index}`) },
    invalid("usernames"),
  ),
  refresh("a dry_run that is a text", { usernames: ["john"], dryRun: "yes" }, malformed("dry_run")),
  refresh("a misspelt dry_run", { usernames: ["john"], dryRum: true }, malformed("dryRum")),
  refresh(
    "dry_run in both spellings",
    { usernames: ["john"], dryRun: true, dry_run: false },
    malformed("dry_run"),
  ),
];

const ROOMS: BadInput[] = [
  ...onOtherHosts("RoomService/KickOccupant", "room_jid", { nickname: "Bob" }),
  ...onOtherHosts("RoomService/ListOccupants", "room_jid", {}),
  ...["AddUserHat", "RemoveUserHat"].flatMap((name) =>
    onOtherHosts(`HatService/${name}`, "room_jid", { userJid: WEARER, hatId: HAT }),
  ),
  ...["SetUserHats", "GetUserHats"].flatMap((name) =>
    onOtherHosts(`HatService/${name}`, "room_jid", { userJid: WEARER }),
  ),
  rpc(
    "a room on a domain that holds none",
    "RoomService/KickOccupant",
    { roomJid: "snuggery@example.com", nickname: "Bob" },
    notFound("NOT_A_MUC_SERVICE", { host: "example.com" }),
  ),
  rpc(
    "a room that does not exist",
    "RoomService/KickOccupant",
    { roomJid: "nowhere@chat.example.org", nickname: "Bob" },
    notFound("ROOM_NOT_FOUND"),
  ),
  rpc(
    "a nickname of 1,024 bytes",
    "RoomService/KickOccupant",
    { roomJid: ROOM, nickname: "B".repeat(1024) },
    invalid("nickname"),
  ),
  occupants("a negative page_size", { pageSize: -1 }, invalid("page_size")),
  occupants("a page_size that is a text", { pageSize: "many" }, malformed("page_size")),
  occupants("a page_size beyond 32 bits", { pageSize: 2 ** 31 }, malformed("page_size")),
  occupants(
    "a page_token that was forged",
    { pageToken: pageToken(`ListOccupants ${ROOM}`, 5 as never) },
    { ...invalid("page_token"), reason: "INVALID_PAGE_TOKEN" },
  ),
];

const HATS: BadInput[] = [
  addHat("an attachment that is a text", "active", malformed("attachment")),
  addHat("an attachment that is a list", [], malformed("attachment")),
  addHat("an active that is a text", { active: "yes" }, malformed("active")),
  addHat("a required that is a number", { required: 1 }, malformed("required")),
  addHat("an unknown field in the attachment", { actve: true }, malformed("actve")),
  setHats("hats that are a list", ["urn:x"], malformed("hats")),
  setHats("hats that are a text", "urn:x", malformed("hats")),
  setHats("a hat that is null", { "urn:x": null }, malformed("hats")),
  setHats("a hat that is a boolean", { "urn:x": true }, malformed("hats")),
  setHats("a hat id that is no URI", { "urn:x": {}, teacher: {} }, invalid("hats")),
  setHats("an empty hat id", { "": {} }, invalid("hats")),
  setHats("a hat id with a lone surrogate", { "urn:\ud800": {} }, invalid("hats")),
  setHats("a hat id that is a property of all objects", { constructor: {} }, invalid("hats")),
  setHats(
    "101 hats",
    Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`urn:hat:${index}`, {}])),
    invalid("hats"),
  ),
  rpc(
    "a user without affiliation",
    "HatService/SetUserHats",
    { userJid: "carol@example.net", roomJid: ROOM, hats: { "urn:x": {} } },
    notFound("USER_NOT_AFFILIATED"),
  ),
];

/** A user or a room of another key's host, and of a host that Doorman does not serve. */
function onOtherHosts(method: string, field: "user_jid" | "room_jid", rest: object): BadInput[] {
  const isRoom = field === "room_jid";
  const jsonName = isRoom ? "roomJid" : "userJid";
  const theirs = isRoom ? "room@conference.localhost" : "user@localhost";
  const message = (jid: string) => ({ ...rest, [jsonName]: jid });
  const unserved = "chat.nowhere.example";
  return [
    rpc(
      `a ${field} of another key's host`,
      method,
      message(theirs),
      forbidden("HOST_FORBIDDEN", { host: "localhost" }),
    ),
    rpc(
      `a ${field} of an unknown host`,
      method,
      message(`someone@${unserved}`),
      notFound("HOST_NOT_FOUND", { host: unserved }),
    ),
  ];
}

/** Are messages that are wrong in other ways than a JID or a text. */
export const BAD_MESSAGES: BadInput[] = [...ROSTERS, ...ROOMS, ...HATS];
