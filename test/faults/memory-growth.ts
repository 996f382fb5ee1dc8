import * as assert from "uvu/assert";
import type { MemoryReport } from "./memory-report.js";

/** What may be left, of the kinds that come with each session, room and stanza. Five rounds make 1,000 calls. */
const MAX_LEFT = { sessions: 12, roomVisits: 12, elements: 100 };
/** Less than two for each call. Seen: 600 more or fewer, of 57,000. */
const MAX_MORE_OBJECTS = 2_000;

/**
 * Asserts that Doorman has kept nothing of what it did, by what it holds. Resident memory would also say
 * how busy the machine was: V8 gives memory back when it has time.
 * @param reports after the fifth round, when all of Doorman's code has run, and after the tenth
 */
export function assertNothingKept(reports: [MemoryReport, MemoryReport]): void {
  const [middle, last] = reports;
  const seen = JSON.stringify(reports);
  assert.ok(last.counts.objects - middle.counts.objects < MAX_MORE_OBJECTS, seen);
  const { sessions, roomVisits, elements } = last.counts;
  assert.ok(sessions <= MAX_LEFT.sessions, seen);
  assert.ok(roomVisits <= MAX_LEFT.roomVisits, seen);
  assert.ok(elements <= MAX_LEFT.elements, seen);
}
