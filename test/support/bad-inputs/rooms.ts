import { pageToken } from "../../../src/fields/paging.js";
import { type BadInput, type Expected, invalid, malformed, notFound, rpc } from "./bad-input.js";
import { onOtherHosts } from "./other-hosts.js";
import { HAT, ROOM, WEARER } from "./stage.js";

const occupants = (name: string, page: object, expected: Expected) =>
  rpc(name, "RoomService/ListOccupants", { roomJid: ROOM, ...page }, expected);

/** Are rooms and pages of occupants that there are not. */
export const BAD_ROOMS: BadInput[] = [
  ...onOtherHosts("RoomService/KickOccupant", "room_jid", { nickname: "Bob" }),
  ...onOtherHosts("RoomService/ListOccupants", "room_jid", {}),
  ...onOtherHosts("HatService/ListRoomHats", "room_jid", {}),
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
  occupants("a negative page_size", { pageSize: -1 }, invalid("page_size")),
  occupants("a page_size that is a text", { pageSize: "many" }, malformed("page_size")),
  occupants("a page_size beyond 32 bits", { pageSize: 2 ** 31 }, malformed("page_size")),
  occupants(
    "a page_token that was forged",
    { pageToken: pageToken(`ListOccupants ${ROOM}`, 5 as never) },
    { ...invalid("page_token"), reason: "INVALID_PAGE_TOKEN" },
  ),
];
