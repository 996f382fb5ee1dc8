import { pageToken } from "../../../src/fields/paging.js";
import { type BadInput, type Expected, invalid, malformed, rpc } from "./bad-input.js";
import { ROOM, type Stage } from "./stage.js";

type Message = object | ((stage: Stage) => object);

const list = (name: string, message: Message, expected: Expected) =>
  rpc(name, "InviteService/ListInvites", message, expected);
const badToken: Expected = { ...invalid("page_token"), reason: "INVALID_PAGE_TOKEN" };

/** Are pages that no list has. */
export const BAD_PAGES: BadInput[] = [
  list("a negative page_size", { pageSize: -1 }, invalid("page_size")),
  list("the most negative page_size", { pageSize: -(2 ** 31) }, invalid("page_size")),
  list("a page_size beyond 32 bits", { pageSize: 2 ** 31 }, malformed("page_size")),
  list("a page_size that is a fraction", { pageSize: 0.5 }, malformed("page_size")),
  list("a page_token that is none", { pageToken: "!!!!" }, badToken),
  list("a page_token that is a number", { pageToken: 5 }, malformed("page_token")),
  list("a page_token of 100,000 characters", { pageToken: "A".repeat(100_000) }, badToken),
  list(
    "a page_token cut short",
    ({ pageTokens }) => ({ pageToken: pageTokens.invites.slice(0, -1) }),
    badToken,
  ),
  list(
    "a damaged page_token",
    ({ pageTokens: { invites } }) => ({
      pageToken: `${invites.startsWith("A") ? "B" : "A"}${invites.slice(1)}`,
    }),
    badToken,
  ),
  list(
    "a page_token with more behind it",
    ({ pageTokens }) => ({ pageToken: `${pageTokens.invites}=` }),
    badToken,
  ),
  list(
    "a page_token of another list",
    ({ pageTokens }) => ({ pageToken: pageTokens.occupants }),
    badToken,
  ),
  list(
    "a page_token of another host",
    ({ pageTokens }) => ({ pageToken: pageTokens.otherInvites }),
    badToken,
  ),
  // The checksum keeps nobody from making one.
  ...[5, [], ["1", {}], ["x", "y"]].map((keys) =>
    list(
      `a page_token forged of ${JSON.stringify(keys)}`,
      { pageToken: pageToken("ListInvites example.com", keys as string[]) },
      badToken,
    ),
  ),
  rpc(
    "a page_token of another list",
    "RoomService/ListOccupants",
    ({ pageTokens }) => ({ roomJid: "snuggery@chat.example.org", pageToken: pageTokens.invites }),
    badToken,
  ),
  rpc(
    "a page_token of another room",
    "RoomService/ListOccupants",
    ({ pageTokens }) => ({ roomJid: "other@chat.example.org", pageToken: pageTokens.occupants }),
    badToken,
  ),
  rpc(
    "a negative page_size of a room's hats",
    "HatService/ListRoomHats",
    { roomJid: ROOM, pageSize: -1 },
    invalid("page_size"),
  ),
  rpc(
    "a page_token of another list",
    "HatService/ListRoomHats",
    ({ pageTokens }) => ({ roomJid: ROOM, pageToken: pageTokens.occupants }),
    badToken,
  ),
  rpc(
    "a page_token forged of two users",
    "HatService/ListRoomHats",
    { roomJid: ROOM, pageToken: pageToken(`ListRoomHats ${ROOM}`, ["x", "y"]) },
    badToken,
  ),
];
