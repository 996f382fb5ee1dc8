import { type BadInput, type Expected, invalid, malformed, notFound, rpc } from "./bad-input.js";
import { onOtherHosts } from "./other-hosts.js";
import { USER } from "./stage.js";

const contactJid = "marie@example.com";

const setContact = (name: string, contact: unknown, expected: Expected) =>
  rpc(name, "RosterService/SetContact", { userJid: USER, contact }, expected);
const replace = (name: string, contacts: unknown, expected: Expected) =>
  rpc(name, "RosterService/ReplaceRoster", { userJid: USER, contacts }, expected);
const refresh = (name: string, message: object, expected: Expected) =>
  rpc(name, "RosterService/RefreshRosters", message, expected);

/** Are rosters, and lists of whose to refresh, that no method takes. */
export const BAD_ROSTERS: BadInput[] = [
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
    "groups of more than 30 KiB together",
    {
      jid: contactJid,
      groups: Array.from({ length: 31 }, (_, index) => String(index).padStart(1000)),
    },
    invalid("contact.groups"),
  ),
  replace(
    "a second contact of more than 30 KiB",
    [
      { jid: "aaron@example.com" },
      {
        jid: contactJid,
        groups: Array.from({ length: 31 }, (_, index) => String(index).padStart(1000)),
      },
    ],
    invalid("contacts[1].groups"),
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
  replace(
    "a contact twice",
    [{ jid: contactJid }, { jid: contactJid }],
    invalid("contacts[1].jid"),
  ),
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
