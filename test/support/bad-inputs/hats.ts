import { type BadInput, type Expected, invalid, malformed, notFound, rpc } from "./bad-input.js";
import { HAT, ROOM, WEARER } from "./stage.js";

const wearer = { userJid: WEARER, roomJid: ROOM };

const setHats = (name: string, hats: unknown, expected: Expected) =>
  rpc(name, "HatService/SetUserHats", { ...wearer, hats }, expected);
const addHat = (name: string, attachment: unknown, expected: Expected) =>
  rpc(name, "HatService/AddUserHat", { ...wearer, hatId: HAT, attachment }, expected);

/** Are hats that nobody can wear. */
export const BAD_HATS: BadInput[] = [
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
  setHats("a hat id with a lone surrogate", { "urn:\ud800": {} }, malformed("hats")),
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
