import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { noAnswer } from "../connection/no-answer.js";
import type { RoomVisit } from "../rooms/room-visit.js";
import type { RoomVisits } from "../rooms/room-visits.js";
import type { ShownHats, Wearer } from "./hat-dialect.js";

const SHOWN_TIMEOUT_MS = 5_000;

/**
 * Is what a room shows of hats to those who are in it (XEP-0317 section 4), for servers that cannot
 * list them. It is known of users who are in the room at that time, in rooms that let Doorman in.
 */
export class HatsInPresence {
  constructor(private readonly visits: RoomVisits) {}

  /** Answers the hats that a user is shown with; undefined where that cannot be seen. */
  async look(wearer: Wearer, signal: AbortSignal): Promise<ShownHats | undefined> {
    return await this.#inside(wearer, signal, async (visit) => shownIn(visit, wearer)[0]);
  }

  /**
   * Waits until all that can be seen of a user's hats is right.
   * @param late makes the error when it is not in time, given what is seen instead
   */
  async confirm(
    wearer: Wearer,
    isRight: (shown: ShownHats) => boolean,
    signal: AbortSignal,
    late: (shown: ShownHats) => Error,
  ): Promise<void> {
    await this.#inside(wearer, signal, async (visit) => {
      const wrong = () => shownIn(visit, wearer).find((shown) => !isRight(shown));
      await visit.until(
        () => wrong() === undefined,
        signal,
        SHOWN_TIMEOUT_MS,
        () =>
          signal.aborted
            ? noAnswer(`show the hats of ${wearer.userJid}`, "the call's time was over")
            : late(wrong() ?? new Map()),
      );
    });
  }

  /** A room that does not let Doorman in tells nothing, which makes nothing untrue. */
  async #inside<T>(
    { roomJid }: Wearer,
    signal: AbortSignal,
    work: (visit: RoomVisit) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await this.visits.during(roomJid, signal, work);
    } catch (error) {
      if (error instanceof DoormanError && NOT_LET_IN.has(error.reason)) return undefined;
      throw error;
    }
  }
}

/** The last is said of a room that is locked, or is destroyed meanwhile. */
const NOT_LET_IN: ReadonlySet<ErrorReason> = new Set([
  ErrorReason.ROOM_CLOSED,
  ErrorReason.SERVER_REFUSED,
  ErrorReason.ROOM_NOT_FOUND,
]);

/** A user may be in the room under several nicknames. Real JIDs are told to owners and admins alone. */
function shownIn({ occupants }: RoomVisit, { userJid }: Wearer): ShownHats[] {
  return [...occupants.values()]
    .filter((occupant) => occupant.userJid === userJid)
    .map(({ hats }) => new Map(Object.entries(hats).map(([hatId, { title }]) => [hatId, title])));
}
