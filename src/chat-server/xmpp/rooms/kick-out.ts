import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import type { Occupant } from "../../../../gen/doorman/v1/room_pb.js";
import { DoormanError, type StanzaRefusal } from "../../../errors/doorman-error.js";
import { quoted } from "../../../errors/quote.js";
import { findNickname } from "../../../jid/nicknames.js";
import { afterChange } from "../../../waiting/after-change.js";
import type { IqClient } from "../connection/iq.js";
import { noAnswer } from "../connection/no-answer.js";
import { isRefusal, refused } from "../stanzas/stanza-error.js";
import { NS_MUC_ADMIN, ROOM_ADVICE } from "./room-affiliations.js";
import type { RoomVisit } from "./room-visit.js";

/** How often somebody is kicked who changes nicknames at the same time. */
const MAX_NICKNAMES = 3;
/** How long somebody who was kicked or banned may take to leave. */
const LEFT_TIMEOUT_MS = 10_000;

/**
 * Kicks the occupant with a nickname, returns when the occupant has left, and answers the nickname as
 * the room spells it.
 * @throws OCCUPANT_NOT_FOUND, SERVER_REFUSED
 */
export async function kickOut(
  iq: IqClient,
  visit: RoomVisit,
  wanted: string,
  reason: string,
  signal: AbortSignal,
): Promise<string> {
  const { roomJid } = visit;
  const nickname = findNickname(visit.occupants.keys(), wanted) ?? wanted;
  if (nickname === visit.nickname) throw noSuchOccupant(roomJid, nickname, ITEM_NOT_FOUND);
  const occupant = visit.occupants.get(nickname);
  await takeRole(iq, roomJid, nickname, reason, signal);
  // Without one the room does not show everybody; the server's word must do.
  if (occupant !== undefined) await untilLeft(visit, occupant, signal);
  return nickname;
}

/**
 * Kicks all sessions that a user has when this is called, and answers the nicknames of those that have
 * not left by themselves.
 * @throws OCCUPANT_NOT_FOUND when there is none, OCCUPANT_JIDS_HIDDEN, SERVER_REFUSED
 */
export async function kickUserOut(
  iq: IqClient,
  visit: RoomVisit,
  userJid: string,
  reason: string,
  signal: AbortSignal,
): Promise<string[]> {
  const nicknames: string[] = [];
  const kickNext = async (session: Occupant) => {
    const nickname = await kickSession(iq, visit, session, reason, signal);
    if (nickname !== undefined) nicknames.push(nickname);
  };
  for (const session of sessionsOf(visit, userJid)) {
    if (nicknames.length === 0) await kickNext(session);
    else await afterChange(`kick ${userJid} out of ${visit.roomJid}`, () => kickNext(session));
  }
  if (nicknames.length > 0) return nicknames;
  const message = `${userJid} is not in ${visit.roomJid}; ListOccupants tells who is there`;
  throw new DoormanError(ErrorReason.OCCUPANT_NOT_FOUND, message);
}

/**
 * Lists the sessions of a user in a room, Doorman's own visit left out.
 * @throws OCCUPANT_JIDS_HIDDEN
 */
export function sessionsOf(visit: RoomVisit, userJid: string): Occupant[] {
  const { roomJid } = visit;
  const others = [...visit.occupants.values()].filter((one) => one.nickname !== visit.nickname);
  if (others.some((one) => one.userJid === "")) {
    throw new DoormanError(
      ErrorReason.OCCUPANT_JIDS_HIDDEN,
      `The chat server does not tell Doorman who the occupants of ${roomJid} are: kick by nickname, or let Doorman own the room. ${ROOM_ADVICE}`,
    );
  }
  return others.filter((one) => one.userJid === userJid);
}

/**
 * Waits until an occupant who was kicked or banned has left.
 * @throws CHANGE_NOT_APPLIED, SERVER_NO_ANSWER when the call's time is over before that is certain, or why
 * the visit ended
 */
export async function untilLeft(
  visit: RoomVisit,
  occupant: Occupant,
  signal: AbortSignal,
): Promise<void> {
  const { roomJid } = visit;
  const { nickname } = occupant;
  await visit.until(
    () => !visit.has(occupant),
    signal,
    LEFT_TIMEOUT_MS,
    () =>
      signal.aborted
        ? noAnswer(`kick ${quoted(nickname)} out of ${roomJid}`, "the call's time was over")
        : new DoormanError(
            ErrorReason.CHANGE_NOT_APPLIED,
            `The chat server accepted to kick ${quoted(nickname)}, who is still in ${roomJid}`,
          ),
  );
}

/** @returns the nickname that was kicked; undefined when the session had left by itself */
async function kickSession(
  iq: IqClient,
  visit: RoomVisit,
  session: Occupant,
  reason: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (let tries = 1; visit.has(session); tries++) {
    const { nickname } = session;
    try {
      await takeRole(iq, visit.roomJid, nickname, reason, signal);
      await untilLeft(visit, session, signal);
      return nickname;
    } catch (error) {
      const isAbsent =
        error instanceof DoormanError && error.reason === ErrorReason.OCCUPANT_NOT_FOUND;
      if (!isAbsent || tries === MAX_NICKNAMES) throw error;
    }
  }
  return undefined;
}

/** XEP-0045 section 8.2. By nickname on every server: ejabberd does nothing for a JID, and says yes. */
async function takeRole(
  iq: IqClient,
  roomJid: string,
  nickname: string,
  reason: string,
  signal: AbortSignal,
): Promise<void> {
  const task = `kick ${quoted(nickname)} out of ${roomJid}`;
  const item = xml("item", { nick: nickname, role: "none" }, xml("reason", {}, reason));
  const payload = xml("query", { xmlns: NS_MUC_ADMIN }, item);
  try {
    await iq.request({ type: "set", to: roomJid, payload, task, signal });
  } catch (error) {
    // Prosody says item-not-found, ejabberd not-acceptable.
    if (isRefusal(error, "item-not-found", "not-acceptable")) {
      throw noSuchOccupant(roomJid, nickname, error.stanza);
    }
    if (isRefusal(error, "forbidden", "not-allowed")) {
      throw refused(task, error.stanza, `Nobody can kick those above them. ${ROOM_ADVICE}`);
    }
    throw error;
  }
}

/** What Prosody answers for a nickname that nobody has. */
const ITEM_NOT_FOUND = { condition: "item-not-found", type: "modify", by: "", text: "" };

function noSuchOccupant(roomJid: string, nickname: string, stanza: StanzaRefusal): DoormanError {
  return new DoormanError(
    ErrorReason.OCCUPANT_NOT_FOUND,
    `Nobody in ${roomJid} has the nickname ${quoted(nickname)}`,
    { stanza },
  );
}
