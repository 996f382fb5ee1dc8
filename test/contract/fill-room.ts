import { Affiliation } from "../../gen/doorman/v1/room_pb.js";
import type { Stage } from "./stage.js";

/** Puts Alice in a room as its owner, and Bob. */
export async function fillRoom(
  stage: Stage,
  roomJid: string,
  affiliation = Affiliation.NONE,
): Promise<void> {
  const owner = { roomJid, nickname: "Alice", username: "alice", affiliation: Affiliation.OWNER };
  await stage.putOccupant(owner);
  await stage.putOccupant({ roomJid, nickname: "Bob", username: "bob", affiliation });
}
