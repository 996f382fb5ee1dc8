import { pageToken } from "../../../src/fields/paging.js";
import { type BadInput, type Expected, invalid, malformed, notFound, rpc } from "./bad-input.js";
import { onOtherHosts } from "./other-hosts.js";
import { HAT, ROOM, WEARER } from "./stage.js";

const occupants = (name: string, page: object, expected: Expected) =>
  rpc(name, "RoomService/ListOccupants", { roomJid: ROOM, ...page }, expected);

const affiliation = (name: string, what: object, expected: Expected) =>
  rpc(name, "RoomService/SetAffiliation", { roomJid: ROOM, userJid: WEARER, ...what }, expected);

/** Are rooms and pages of occupants that there are not. */
export const BAD_ROOMS: BadInput[] = [
  ...onOtherHosts("RoomService/KickOccupant", "room_jid", { nickname: "Bob" }),
  ...onOtherHosts("RoomService/ListOccupants", "room_jid", {}),
  ...onOtherHosts("HatService/ListRoomHats", "room_jid", {}),
  ...onOtherHosts("RoomService/ListAffiliations", "room_jid", {}),
  ...onOtherHosts("RoomService/SetAffiliation", "room_jid", { userJid: WEARER, affiliation: 2 }),
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
    "a nickname and a user_jid",
    "RoomService/KickOccupant",
    { roomJid: ROOM, nickname: "Bob", userJid: WEARER },
    invalid("user_jid"),
  ),
  rpc(
    "a kick out of all rooms of a domain that holds none",
    "RoomService/KickUser",
    { userJid: WEARER, mucDomain: "example.com" },
    notFound("NOT_A_MUC_SERVICE", { host: "example.com" }),
  ),
  rpc(
    "a kick out of all rooms of a domain that is none",
    "RoomService/KickUser",
    { userJid: WEARER, mucDomain: "chat example org" },
    invalid("muc_domain"),
  ),
  rpc("a kick of nobody", "RoomService/KickUser", {}, invalid("user_jid")),
  affiliation("no affiliation", {}, invalid("affiliation")),
  affiliation("an affiliation of a later version", { affiliation: 99 }, invalid("affiliation")),
  affiliation("an affiliation that is a text", { affiliation: "king" }, malformed("affiliation")),
  rpc(
    "a list of those without affiliation",
    "RoomService/ListAffiliations",
    { roomJid: ROOM, affiliation: "AFFILIATION_NONE" },
    invalid("affiliation"),
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
