import { Affiliation, Role } from "../../../gen/doorman/v1/room_pb.js";
import type { SandboxOccupant } from "./sandbox-rooms.js";

/** Are the accounts that the sandbox starts with, on those of their hosts that it serves. */
export const CAST_USERS: readonly string[] = [
  "john@example.com",
  "aaron@example.com",
  "marie@example.com",
  "michael@example.com",
  "alice@example.com",
  "bob@example.com",
  "user@localhost",
];

/** Are the people in rooms at the start, in those rooms whose domain the sandbox serves. */
export const CAST_OCCUPANTS: readonly SandboxOccupant[] = [
  // An owner: too high for Doorman to kick.
  occupant("snuggery@chat.example.org", "Alice", "alice@example.com", Affiliation.OWNER),
  occupant("snuggery@chat.example.org", "Bob", "bob@example.com", Affiliation.MEMBER),
  occupant("snuggery@chat.example.org", "Marie", "marie@example.com", Affiliation.MEMBER),
  // From a server elsewhere, and without affiliation: cannot have a hat.
  occupant("snuggery@chat.example.org", "Carol", "carol@example.net", Affiliation.NONE),
  occupant("room@conference.localhost", "user", "user@localhost", Affiliation.MEMBER),
];

/** A contact as a contacts app answers it, in the form that mod_http_roster_admin reads. */
export interface CastContact {
  name: string;
  /** Names of groups, as an array or as the keys of an object: contacts apps send either. */
  groups?: readonly string[] | Readonly<Record<string, true>>;
}

/** Are the rosters that the contacts app serves: by username, then by the contact's JID. */
export const CAST_ROSTERS: ReadonlyMap<string, Readonly<Record<string, CastContact>>> = new Map([
  ["john", { "marie@example.com": { name: "Marie" }, "michael@example.com": { name: "Michael" } }],
  [
    "aaron",
    {
      "john@example.com": { name: "John", groups: ["Friends"] },
      "michael@example.com": { name: "Michael", groups: ["Friends", "Work"] },
    },
  ],
  ["marie", { "john@example.com": { name: "John" }, "bob@example.com": { name: "Bob" } }],
  [
    "michael",
    {
      "john@example.com": { name: "John" },
      "aaron@example.com": { name: "Aaron", groups: { Work: true } },
    },
  ],
] satisfies [string, Record<string, CastContact>][]);

function occupant(
  roomJid: string,
  nickname: string,
  userJid: string,
  affiliation: Affiliation,
): SandboxOccupant {
  return { roomJid, nickname, userJid, affiliation, role: Role.UNSPECIFIED };
}
