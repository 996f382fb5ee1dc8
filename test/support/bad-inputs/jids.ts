import { type BadInput, type Expected, invalid, malformed, rpc } from "./bad-input.js";
import { HAT, ROOM, USER, WEARER } from "./stage.js";

type Value = [name: string, jid: unknown, expected: (field: string) => Expected];

const lastName = (field: string) => /\w+$/.exec(field)?.[0] ?? field;
const wrongType = (field: string) => malformed(lastName(field));

/** What no field that takes a JID takes. */
const ANYWHERE: Value[] = [
  ["absent", undefined, invalid],
  ["a number", 42, wrongType],
  ["with a resource", "john@example.com/phone", invalid],
  ["with a control character", "jo\u0007hn@example.com", invalid],
];

/** The rest, for one field of each of the kinds that are read differently. */
const THOROUGHLY: Value[] = [
  ["null", null, invalid],
  ["empty", "", invalid],
  ["a list", ["john@example.com"], wrongType],
  ["an object", { local: "john" }, wrongType],
  ["without a domain", "john@", invalid],
  ["with an empty name", "@example.com", invalid],
  ["with two @", "john@example.com@example.com", invalid],
  ["with a space in the name", "john smith@example.com", invalid],
  ["with a quotation mark in the name", 'jo"hn@example.com', invalid],
  ["with a less-than sign in the name", "jo<hn@example.com", invalid],
  ["with a NUL", "jo\u0000hn@example.com", invalid],
  ["with a line end", "john@example.com\n", invalid],
  ["with a lone surrogate", "jo\ud800hn@example.com", wrongType],
  ["with a noncharacter", "jo\ufffehn@example.com", invalid],
  ["with a name of 1,024 bytes", `${"a".repeat(1024)}@example.com`, invalid],
  ["with a name of 1,024 bytes in 512 letters", `${"é".repeat(512)}@example.com`, invalid],
  ["with a domain of more than 1,023 bytes", `john@${"a.".repeat(512)}com`, invalid],
  ["with a space in the domain", "john@exam ple.com", invalid],
  ["with a less-than sign in the domain", "john@exam<ple.com", invalid],
  ["with an empty label in the domain", "john@example..com", invalid],
  ["with a port", "john@example.com:5222", invalid],
  ["with an emoji in the name", "😀@example.com", invalid],
  ["with an emoji in the domain", "john@😀.example.com", invalid],
  ["with a sharp s in the domain", "john@straße.example", invalid],
  ["with nothing to be seen in the name", "\u200b@example.com", invalid],
  ["with letters of both directions in the name", "אa@example.com", invalid],
];

const NO_NAME: Value = ["without a name", "example.com", invalid];

/** Each field with a request that is right but for it. */
const FIELDS: [method: string, field: string, message: (jid: unknown) => object, Value[]][] = [
  ["RosterService/GetRoster", "user_jid", (userJid) => ({ userJid }), [NO_NAME, ...THOROUGHLY]],
  [
    "RosterService/SetContact",
    "user_jid",
    (userJid) => ({ userJid, contact: { jid: "aaron@example.com" } }),
    [NO_NAME],
  ],
  [
    "RosterService/SetContact",
    "contact.jid",
    (jid) => ({ userJid: USER, contact: { jid } }),
    THOROUGHLY,
  ],
  [
    "RosterService/RemoveContact",
    "user_jid",
    (userJid) => ({ userJid, contactJid: "marie@example.com" }),
    [NO_NAME],
  ],
  [
    "RosterService/RemoveContact",
    "contact_jid",
    (contactJid) => ({ userJid: USER, contactJid }),
    [],
  ],
  ["RosterService/ReplaceRoster", "user_jid", (userJid) => ({ userJid }), [NO_NAME]],
  [
    "RosterService/ReplaceRoster",
    "contacts[1].jid",
    (jid) => ({ userJid: USER, contacts: [{ jid: "aaron@example.com" }, { jid }] }),
    [],
  ],
  [
    "RoomService/KickOccupant",
    "room_jid",
    (roomJid) => ({ roomJid, nickname: "Bob" }),
    [NO_NAME, ...THOROUGHLY],
  ],
  ["RoomService/ListOccupants", "room_jid", (roomJid) => ({ roomJid }), [NO_NAME]],
  ["HatService/ListRoomHats", "room_jid", (roomJid) => ({ roomJid }), [NO_NAME]],
  ...["AddUserHat", "RemoveUserHat", "SetUserHats", "GetUserHats"].flatMap(hatFields),
];

function hatFields(name: string): typeof FIELDS {
  const method = `HatService/${name}`;
  const hat = name === "AddUserHat" || name === "RemoveUserHat" ? { hatId: HAT } : {};
  return [
    [method, "user_jid", (userJid) => ({ userJid, roomJid: ROOM, ...hat }), [NO_NAME]],
    [method, "room_jid", (roomJid) => ({ userJid: WEARER, roomJid, ...hat }), [NO_NAME]],
  ];
}

/** Are the JIDs that no method takes. */
export const BAD_JIDS: BadInput[] = FIELDS.flatMap(([method, field, message, more]) =>
  [...ANYWHERE, ...more].map(([name, jid, expected]) =>
    rpc(`a ${field} ${name}`, method, message(jid), expected(field)),
  ),
);
