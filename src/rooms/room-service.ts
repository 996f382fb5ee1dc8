import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { z } from "zod";
import {
  type KickOccupantRequest,
  KickOccupantResponseSchema,
  ListOccupantsResponseSchema,
  type RoomService,
} from "../../gen/doorman/v1/room_service_pb.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import { pageToken, parsePageSize, parsePageToken } from "../fields/paging.js";
import { parseText } from "../fields/text.js";
import type { Hosts } from "../hosts/hosts.js";
import { parseBareJid, parseNickname } from "../jid/jid.js";
import { type Caller, callerKey } from "../keys/caller.js";

export interface RoomDependencies {
  hosts: Hosts;
  chatServer: ChatServer;
}

/** The nickname of the last occupant of a page. */
const SORT_KEYS = z.tuple([z.string()]);

/** Makes the RoomService of room_service.proto. */
export function roomService(dependencies: RoomDependencies): ServiceImpl<typeof RoomService> {
  const { hosts, chatServer } = dependencies;
  return {
    async kickOccupant(request, context) {
      await kickOccupant(dependencies, context.values.get(callerKey), request, context.signal);
      return create(KickOccupantResponseSchema);
    },

    async listOccupants(request, context) {
      const room = parseBareJid(request.roomJid, "room_jid");
      const pageSize = parsePageSize(request.pageSize);
      const list = `ListOccupants ${room.bare}`;
      const [after] = parsePageToken(list, request.pageToken, SORT_KEYS) ?? [];
      await hosts.requireRoom(context.values.get(callerKey), room, context.signal);
      const occupants = await chatServer.rooms.occupants(room.bare, context.signal);
      const rest = occupants
        .filter(({ nickname }) => after === undefined || nickname > after)
        .sort((one, other) => (one.nickname < other.nickname ? -1 : 1));
      const page = rest.slice(0, pageSize);
      const last = page.at(-1);
      return create(ListOccupantsResponseSchema, {
        occupants: page,
        nextPageToken: last && rest.length > page.length ? pageToken(list, [last.nickname]) : "",
      });
    },
  };
}

/** Kicks an occupant, for the RPC and for the documented POST /muc_kick alike. */
export async function kickOccupant(
  { hosts, chatServer }: RoomDependencies,
  caller: Caller,
  request: KickOccupantRequest,
  signal: AbortSignal,
): Promise<void> {
  const room = parseBareJid(request.roomJid, "room_jid");
  const nickname = parseNickname(request.nickname, "nickname");
  const reason = parseText(request.reason, "reason");
  await hosts.requireRoom(caller, room, signal);
  await chatServer.rooms.kick(room.bare, nickname, reason, signal);
}
