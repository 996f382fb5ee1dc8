import { type BadInput, type Expected, invalid, malformed, rpc } from "./bad-input.js";
import { HAT, ROOM, USER, WEARER } from "./stage.js";

type Value = [name: string, text: unknown, expected: (field: string) => Expected];

// Of a path such as hats["urn:x"].title or contact.groups[0] the contract's own name.
const wrongType = (field: string) => malformed(/(\w+)(\[\d+\])?$/.exec(field)?.[1] ?? field);

/** What no text for people may be: it travels in XML, and is stored. */
const TEXTS: Value[] = [
  ["a number", 5, wrongType],
  ["an object", {}, wrongType],
  ["of 1,024 bytes", "a".repeat(1024), invalid],
  ["of 1,024 bytes in 512 letters", "é".repeat(512), invalid],
  ["with a NUL", "a\u0000b", invalid],
  ["with an escape character", "a\u001b[31mb", invalid],
  ["with the control character U+007F", "a\u007fb", invalid],
  ["with the control character U+009B", "a\u009b31mb", invalid],
  ["with the noncharacter U+FFFE", "a\ufffeb", invalid],
  ["with the noncharacter U+FFFF", "a\uffffb", invalid],
  ["with a lone surrogate", "a\udc00b", wrongType],
];

/** What XML would make other texts of. */
const LINES: Value[] = [
  ["with a tab", "a\tb", invalid],
  ["with a line end", "a\nb", invalid],
  ["with a carriage return", "a\rb", invalid],
];

const wearer = { userJid: WEARER, roomJid: ROOM };

const FIELDS: [method: string, field: string, message: (text: unknown) => object, Value[]][] = [
  [
    "RoomService/KickOccupant",
    "reason",
    (reason) => ({ roomJid: ROOM, nickname: "Bob", reason }),
    [],
  ],
  [
    "RoomService/KickOccupant",
    "nickname",
    (nickname) => ({ roomJid: ROOM, nickname }),
    [
      ["absent", undefined, invalid],
      ["empty", "", invalid],
      ["blank", "  \t ", invalid],
    ],
  ],
  [
    "HatService/AddUserHat",
    "attachment.title",
    (title) => ({ ...wearer, hatId: HAT, attachment: { title } }),
    LINES,
  ],
  [
    "HatService/SetUserHats",
    'hats["urn:x"].title',
    (title) => ({ ...wearer, hats: { "urn:x": { title } } }),
    LINES,
  ],
  [
    "RosterService/SetContact",
    "contact.name",
    (name) => ({ userJid: USER, contact: { jid: "marie@example.com", name } }),
    LINES,
  ],
  [
    "RosterService/SetContact",
    "contact.groups[1]",
    (group) => ({ userJid: USER, contact: { jid: "marie@example.com", groups: ["A", group] } }),
    [["empty", "", invalid], ["null", null, () => malformed("groups")], ...LINES],
  ],
  [
    "RosterService/ReplaceRoster",
    "contacts[1].name",
    (name) => ({
      userJid: USER,
      contacts: [{ jid: "aaron@example.com" }, { jid: "marie@example.com", name }],
    }),
    LINES,
  ],
  ["InviteService/CreateInvite", "note", (note) => ({ note }), []],
  ["HatService/AddUserHat", "hat_id", (hatId) => ({ ...wearer, hatId }), hatIds()],
  ["HatService/RemoveUserHat", "hat_id", (hatId) => ({ ...wearer, hatId }), hatIds()],
];

function hatIds(): Value[] {
  return [
    ["absent", undefined, invalid],
    ["empty", "", invalid],
    ["that is no URI", "teacher", invalid],
    ["that is a scheme alone", "https:", invalid],
    ["with a space", "urn:the hat", invalid],
    ["with a broken percent-encoding", "urn:hat%zz", invalid],
    ["longer than 1,023 bytes", `urn:${"a".repeat(1020)}`, invalid],
  ];
}

/** Are the texts that no method takes. */
export const BAD_TEXTS: BadInput[] = FIELDS.flatMap(([method, field, message, more]) =>
  [...more, ...TEXTS].map(([name, text, expected]) =>
    rpc(`a ${field} ${name}`, method, message(text), expected(field)),
  ),
);
