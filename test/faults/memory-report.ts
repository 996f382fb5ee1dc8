// Is loaded into the process of the Doorman whose memory a test looks at (node --import), and tells it
// over the channel between the two when it asks.
import { queryObjects } from "node:v8";
import { xml } from "@xmpp/client";
import { Session } from "../../src/chat-server/xmpp/connection/session.js";
import { RoomVisit } from "../../src/chat-server/xmpp/rooms/room-visit.js";

/** What Doorman holds when its garbage is gone. */
export interface MemoryReport {
  /** How many there are of some kinds that come and go with sessions and calls. */
  counts: { sessions: number; roomVisits: number; elements: number; objects: number };
}

process.on("message", () => {
  // Each collects garbage first.
  const counts = {
    sessions: count(Session),
    roomVisits: count(RoomVisit),
    elements: count(xml("any").constructor),
    objects: count(Object),
  };
  const report: MemoryReport = { counts };
  process.send?.(report);
});
process.channel?.unref();

function count(kind: unknown): number {
  return Number(queryObjects(kind as () => void));
}
