import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { z } from "zod";
import {
  type HatAttachment,
  HatAttachmentSchema,
  UserHatsSchema,
} from "../../gen/doorman/v1/hat_pb.js";
import {
  AddUserHatResponseSchema,
  GetUserHatsResponseSchema,
  type HatService,
  ListRoomHatsResponseSchema,
  RemoveUserHatResponseSchema,
  SetUserHatsResponseSchema,
} from "../../gen/doorman/v1/hat_service_pb.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import { invalidField } from "../errors/doorman-error.js";
import { quoted } from "../errors/quote.js";
import { pageToken, parsePageSize, parsePageToken } from "../fields/paging.js";
import { parseHatId, parseLine } from "../fields/text.js";
import type { Hosts } from "../hosts/hosts.js";
import { parseBareJid } from "../jid/jid.js";
import { callerKey } from "../keys/caller.js";

const MAX_HATS = 100;

/** The JID of the last user of a page. */
const SORT_KEYS = z.tuple([z.string()]);

/** Makes the HatService of hat_service.proto. */
export function hatService({
  hosts,
  chatServer,
}: {
  hosts: Hosts;
  chatServer: ChatServer;
}): ServiceImpl<typeof HatService> {
  /** Reads whose hats in which room a call is about, and makes sure that the caller may touch the room. */
  async function parseWearer(
    request: { userJid: string; roomJid: string },
    context: HandlerContext,
  ) {
    const user = parseBareJid(request.userJid, "user_jid").bare;
    const room = parseBareJid(request.roomJid, "room_jid");
    await hosts.requireRoom(context.values.get(callerKey), room, context.signal);
    return { user, room: room.bare };
  }

  return {
    async addUserHat(request, context) {
      const hatId = parseHatId(request.hatId, "hat_id");
      const attachment = parseAttachment(request.attachment, "attachment");
      const { user, room } = await parseWearer(request, context);
      await chatServer.hats.put(room, user, hatId, attachment, context.signal);
      return create(AddUserHatResponseSchema);
    },

    async removeUserHat(request, context) {
      const hatId = parseHatId(request.hatId, "hat_id");
      const { user, room } = await parseWearer(request, context);
      await chatServer.hats.remove(room, user, hatId, context.signal);
      return create(RemoveUserHatResponseSchema);
    },

    async setUserHats(request, context) {
      const wanted = parseHats(request.hats);
      const { user, room } = await parseWearer(request, context);
      await chatServer.hats.replaceAll(room, user, wanted, context.signal);
      return create(SetUserHatsResponseSchema);
    },

    async getUserHats(request, context) {
      const { user, room } = await parseWearer(request, context);
      const hats = await chatServer.hats.get(room, user, context.signal);
      return create(GetUserHatsResponseSchema, { hats: Object.fromEntries(hats) });
    },

    async listRoomHats(request, context) {
      const room = parseBareJid(request.roomJid, "room_jid");
      const pageSize = parsePageSize(request.pageSize);
      const list = `ListRoomHats ${room.bare}`;
      const [after] = parsePageToken(list, request.pageToken, SORT_KEYS) ?? [];
      await hosts.requireRoom(context.values.get(callerKey), room, context.signal);
      const users = await chatServer.hats.list(room.bare, context.signal);
      const rest = [...users]
        .filter(([userJid]) => after === undefined || userJid > after)
        .sort(([one], [other]) => (one < other ? -1 : 1));
      const page = rest.slice(0, pageSize);
      const last = page.at(-1);
      return create(ListRoomHatsResponseSchema, {
        users: page.map(([userJid, hats]) =>
          create(UserHatsSchema, { userJid, hats: Object.fromEntries(hats) }),
        ),
        nextPageToken: last && rest.length > page.length ? pageToken(list, [last[0]]) : "",
      });
    },
  };
}

function parseHats(hats: Record<string, HatAttachment>): Map<string, HatAttachment> {
  // Protobuf-es reads a map into an object, and in an object "__proto__" is no key like others.
  if (Object.getPrototypeOf(hats) !== Object.prototype) {
    throw invalidField("hats", "__proto__ is no URI");
  }
  const entries = Object.entries(hats);
  if (entries.length > MAX_HATS) throw invalidField("hats", `has at most ${MAX_HATS} hats`);
  return new Map(
    entries.map(([hatId, attachment]) => [
      parseHatId(hatId, "hats"),
      parseAttachment(attachment, `hats["${quoted(hatId)}"]`),
    ]),
  );
}

function parseAttachment(attachment: HatAttachment | undefined, field: string): HatAttachment {
  const { active, required, title } = attachment ?? create(HatAttachmentSchema);
  parseLine(title, `${field}.title`);
  return create(HatAttachmentSchema, { active, required, title });
}
