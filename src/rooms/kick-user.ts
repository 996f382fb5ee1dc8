import { create } from "@bufbuild/protobuf";
import pMap from "p-map";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import {
  type KickUserRequest,
  type KickUserResponse,
  KickUserResponseSchema,
} from "../../gen/doorman/v1/room_service_pb.js";
import type { ChatRooms } from "../chat-server/chat-rooms.js";
import { DoormanError } from "../errors/doorman-error.js";
import { errorDetail } from "../errors/error-detail.js";
import { parseText } from "../fields/text.js";
import { type BareJid, parseBareJid, parseDomain } from "../jid/jid.js";
import type { Caller } from "../keys/caller.js";
import type { RoomDependencies } from "./room-dependencies.js";

/** How many rooms are looked into at a time. */
const ROOMS_AT_ONCE = 8;

/** What became of a user in one room: kicked under these nicknames, or not for this reason. */
interface RoomOutcome {
  roomJid: string;
  nicknames: string[];
  error: DoormanError | undefined;
}

/**
 * Kicks a user out of all rooms of a MUC domain, or of all of those of a host.
 * @throws what the first room that failed did, when the user was kicked out of none
 */
export async function kickUser(
  dependencies: RoomDependencies,
  caller: Caller,
  request: KickUserRequest,
  signal: AbortSignal,
): Promise<KickUserResponse> {
  const { rooms } = dependencies.chatServer;
  const user = parseBareJid(request.userJid, "user_jid");
  const reason = parseText(request.reason, "reason");
  const domains = await domainsOf(dependencies, caller, request, signal);
  const lists = await pMap(domains, (domain) => rooms.list(domain, signal), {
    concurrency: ROOMS_AT_ONCE,
  });
  const roomJids = [...new Set(lists.flat())].sort();
  const kick = (roomJid: string) => kickOutOf(rooms, roomJid, user, reason, signal);
  const outcomes = await pMap(roomJids, kick, { concurrency: ROOMS_AT_ONCE });
  const concerned = outcomes.filter((one) => one !== undefined);
  const failures = concerned.filter((one) => one.error !== undefined);
  const [first] = failures;
  if (first?.error !== undefined && failures.length === concerned.length) {
    throw nothingDone(user, first.roomJid, first.error, failures.length);
  }
  return create(KickUserResponseSchema, {
    rooms: concerned.map(({ roomJid, nicknames, error }) => ({
      roomJid,
      nicknames,
      ...(error && { error: { message: error.message, detail: errorDetail(error) } }),
    })),
    failed: failures.length,
  });
}

async function domainsOf(
  { hosts }: RoomDependencies,
  caller: Caller,
  { mucDomain }: KickUserRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (mucDomain === "") return await hosts.mucDomains.all(hosts.hostOf(caller, ""), signal);
  const domain = parseDomain(mucDomain, "muc_domain");
  await hosts.requireRoom(caller, { domain }, signal);
  return [domain];
}

/** @returns undefined when the user is not in the room, or the room not there */
async function kickOutOf(
  rooms: ChatRooms,
  roomJid: string,
  user: BareJid,
  reason: string,
  signal: AbortSignal,
): Promise<RoomOutcome | undefined> {
  try {
    if (!(await rooms.isInside(roomJid, user.bare, signal))) return undefined;
    const nicknames = await rooms.kickUser(roomJid, user.bare, reason, signal);
    return { roomJid, nicknames, error: undefined };
  } catch (error) {
    if (!(error instanceof DoormanError)) throw error;
    const { ROOM_NOT_FOUND, OCCUPANT_NOT_FOUND } = ErrorReason;
    if (error.reason === ROOM_NOT_FOUND || error.reason === OCCUPANT_NOT_FOUND) return undefined;
    return { roomJid, nicknames: [], error };
  }
}

function nothingDone(
  user: BareJid,
  roomJid: string,
  { reason, message, metadata, stanza }: DoormanError,
  failed: number,
): DoormanError {
  const what = `${user.bare} was kicked out of no room, and ${failed} failed, ${roomJid} among them`;
  return new DoormanError(reason, `${what}: ${message}`, {
    metadata: { ...metadata, room_jid: roomJid },
    ...(stanza && { stanza }),
  });
}
