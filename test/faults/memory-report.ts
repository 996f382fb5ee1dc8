// Is loaded into the process of the Doorman whose memory a test looks at (node --import), and tells it
// over the channel between the two when it asks.
import { setTimeout as sleep } from "node:timers/promises";
import { queryObjects } from "node:v8";
import { xml } from "@xmpp/client";
import { Session } from "../../src/chat-server/xmpp/connection/session.js";
import { RoomVisit } from "../../src/chat-server/xmpp/rooms/room-visit.js";

/** What Doorman holds when its garbage is gone. */
export interface MemoryReport {
  /** How many there are of some kinds that come and go with sessions and calls. */
  counts: { sessions: number; roomVisits: number; elements: number; objects: number };
}

process.on("message", async () => {
  // fetch lets go of its signals in finalizers, which run after a collection of garbage and not in it.
  for (let times = 0; times < 3; times++) {
    queryObjects(Object);
    await sleep(300);
  }
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
