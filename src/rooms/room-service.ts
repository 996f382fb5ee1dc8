import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  Affiliation,
  AffiliationSchema,
  type Occupant,
  type UserAffiliation,
} from "../../gen/doorman/v1/room_pb.js";
import {
  type KickOccupantRequest,
  KickOccupantResponseSchema,
  ListAffiliationsResponseSchema,
  ListOccupantsResponseSchema,
  type RoomService,
  SetAffiliationResponseSchema,
} from "../../gen/doorman/v1/room_service_pb.js";
import { invalidField } from "../errors/doorman-error.js";
import { pageByKey } from "../fields/page-by-key.js";
import { parseText } from "../fields/text.js";
import { parseBareJid, parseNickname } from "../jid/jid.js";
import { type Caller, callerKey } from "../keys/caller.js";
import { kickUser } from "./kick-user.js";
import type { RoomDependencies } from "./room-dependencies.js";

/** Makes the RoomService of room_service.proto. */
export function roomService(dependencies: RoomDependencies): ServiceImpl<typeof RoomService> {
  const { hosts, chatServer } = dependencies;
  return {
    async kickOccupant(request, context) {
      const caller = context.values.get(callerKey);
      const nicknames = await kickOccupant(dependencies, caller, request, context.signal);
      return create(KickOccupantResponseSchema, { nicknames });
    },

    async kickUser(request, context) {
      const caller = context.values.get(callerKey);
      return await kickUser(dependencies, caller, request, context.signal);
    },

    async listOccupants(request, context) {
      const room = parseBareJid(request.roomJid, "room_jid");
      const page = pageByKey(
        `ListOccupants ${room.bare}`,
        request,
        ({ nickname }: Occupant) => nickname,
      );
      await hosts.requireRoom(context.values.get(callerKey), room, context.signal);
      const occupants = await chatServer.rooms.occupants(room.bare, context.signal);
      const { items, nextPageToken } = page(occupants);
      return create(ListOccupantsResponseSchema, { occupants: items, nextPageToken });
    },

    async setAffiliation(request, context) {
      const room = parseBareJid(request.roomJid, "room_jid");
      const user = parseBareJid(request.userJid, "user_jid");
      const affiliation = parseAffiliation(request.affiliation);
      if (affiliation === undefined) throw invalidField("affiliation", "is required");
      const reason = parseText(request.reason, "reason");
      await hosts.requireRoom(context.values.get(callerKey), room, context.signal);
      const { rooms } = chatServer;
      await rooms.setAffiliation(room.bare, user.bare, affiliation, reason, context.signal);
      return create(SetAffiliationResponseSchema);
    },

    async listAffiliations(request, context) {
      const room = parseBareJid(request.roomJid, "room_jid");
      const affiliation = parseAffiliation(request.affiliation);
      if (affiliation === Affiliation.NONE) {
        throw invalidField("affiliation", "is AFFILIATION_NONE, which no room has a list of");
      }
      const list = `ListAffiliations ${room.bare} ${affiliation}`;
      const page = pageByKey(list, request, ({ userJid }: UserAffiliation) => userJid);
      await hosts.requireRoom(context.values.get(callerKey), room, context.signal);
      const all = await chatServer.rooms.affiliations(room.bare, affiliation, context.signal);
      const { items, nextPageToken } = page(all);
      return create(ListAffiliationsResponseSchema, { affiliations: items, nextPageToken });
    },
  };
}

/** Reads an affiliation; undefined when none is named. Refuses the numbers that proto3's open enums let through. */
function parseAffiliation(affiliation: Affiliation): Affiliation | undefined {
  if (affiliation === Affiliation.UNSPECIFIED) return undefined;
  if (AffiliationSchema.value[affiliation] !== undefined) return affiliation;
  throw invalidField("affiliation", `is ${affiliation}, which is none of the values`);
}

/**
 * Kicks an occupant or a user, for the RPC and for the documented POST /muc_kick alike, and answers the
 * nicknames.
 */
export async function kickOccupant(
  { hosts, chatServer }: RoomDependencies,
  caller: Caller,
  request: KickOccupantRequest,
  signal: AbortSignal,
): Promise<string[]> {
  const room = parseBareJid(request.roomJid, "room_jid");
  const reason = parseText(request.reason, "reason");
  if (request.userJid === "") {
    const nickname = parseNickname(request.nickname, "nickname");
    await hosts.requireRoom(caller, room, signal);
    return [await chatServer.rooms.kick(room.bare, nickname, reason, signal)];
  }
  if (request.nickname !== "") {
    throw invalidField("user_jid", "cannot be there together with nickname; send one of them");
  }
  const user = parseBareJid(request.userJid, "user_jid");
  await hosts.requireRoom(caller, room, signal);
  return await chatServer.rooms.kickUser(room.bare, user.bare, reason, signal);
}
