import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import type { IqClient } from "../connection/iq.js";
import { discoverInfo } from "../stanzas/service-discovery.js";
import { noSuchRoom } from "./no-such-room.js";
import { requireOwner } from "./own-affiliation.js";
import { NS_MUC_OWNER, readRoomPassword } from "./room-entry.js";
import type { RoomOwnership } from "./room-ownership.js";
import type { RoomVisit } from "./room-visit.js";

/** A visit is for several callers, none of whom ends its entering. */
const PATIENT = new AbortController().signal;

/**
 * Lets a visit enter its room as an owner, without creating it.
 * @param listen is called just before the join: presence of the room is the visit's from then on
 * @returns what gives up the ownership that the visit may have needed
 * @throws ROOM_NOT_FOUND, and what the join throws
 */
export async function enterRoom(
  iq: IqClient,
  ownership: RoomOwnership,
  visit: RoomVisit,
  listen: () => void,
): Promise<() => void> {
  const { roomJid } = visit;
  const release = await ownership.hold(roomJid, PATIENT);
  try {
    // A join would create a room that is not there.
    const info = await discoverInfo(iq, roomJid, PATIENT);
    if (info === undefined) throw noSuchRoom(roomJid);
    await becomeOwner(iq, ownership, roomJid);
    listen();
    await visit.join(() => readRoomPassword(iq, roomJid, PATIENT));
    if (visit.created) {
      // The room went away in between: undo what the join made of it.
      await destroy(iq, roomJid);
      throw noSuchRoom(roomJid);
    }
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Before the join, because a room tells real JIDs to its owners as they enter. Where ownership cannot
 * be had the visit goes on: what needs it will be refused in words that say so.
 */
async function becomeOwner(iq: IqClient, ownership: RoomOwnership, roomJid: string): Promise<void> {
  try {
    await ownership.during(roomJid, PATIENT, () => requireOwner(iq, roomJid, PATIENT));
  } catch (error) {
    const isRefused = error instanceof DoormanError && error.reason === ErrorReason.SERVER_REFUSED;
    if (!isRefused) throw error;
  }
}

async function destroy(iq: IqClient, roomJid: string): Promise<void> {
  await iq.request({
    type: "set",
    to: roomJid,
    payload: xml("query", { xmlns: NS_MUC_OWNER }, xml("destroy")),
    task: `take back the room ${roomJid}`,
    signal: PATIENT,
  });
}
