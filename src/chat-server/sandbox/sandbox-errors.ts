import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError, type StanzaRefusal } from "../../errors/doorman-error.js";
import { quoted } from "../../errors/quote.js";

const SANDBOX_SERVICE = "doorman.sandbox.v1.SandboxService";

/** Throws SERVER_NO_ANSWER when the caller has stopped waiting; nothing has been done then. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new DoormanError(
    ErrorReason.SERVER_NO_ANSWER,
    "The call's time was over before the sandbox could answer; try again",
    { cause: signal.reason },
  );
}

/** Makes the refusal of a server, RFC 6120 section 8.3. */
export function serverRefused(message: string, stanza: Partial<StanzaRefusal>): DoormanError {
  return new DoormanError(ErrorReason.SERVER_REFUSED, message, { stanza: refusal(stanza) });
}

export function sandboxFull(maxEntries: number): DoormanError {
  return serverRefused(
    `The sandbox is full: it holds ${maxEntries} users, contacts, occupants and hats at the most; ` +
      `call Reset of ${SANDBOX_SERVICE} to start again`,
    { condition: "resource-constraint", type: "wait" },
  );
}

/** @param served the domains that there are, for the message */
export function hostNotFound(host: string, served: Iterable<string>): DoormanError {
  return new DoormanError(
    ErrorReason.HOST_NOT_FOUND,
    `The sandbox does not serve ${host}; it serves ${[...served].join(", ")}`,
    { metadata: { host } },
  );
}

/** @param mucDomains the domains that do hold rooms, for the message */
export function notAMucService(host: string, mucDomains: Iterable<string>): DoormanError {
  return new DoormanError(
    ErrorReason.NOT_A_MUC_SERVICE,
    `${host} holds no rooms; put the room on one of ${[...mucDomains].join(", ")}`,
    { metadata: { host } },
  );
}

export function roomNotFound(roomJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.ROOM_NOT_FOUND,
    `There is no room ${roomJid}; check its name, or make it with PutOccupant of ${SANDBOX_SERVICE}`,
    {
      stanza: refusal({
        condition: "item-not-found",
        type: "cancel",
        by: roomJid,
        text: "no such room",
      }),
    },
  );
}

export function occupantNotFound(roomJid: string, nickname: string): DoormanError {
  return new DoormanError(
    ErrorReason.OCCUPANT_NOT_FOUND,
    `Nobody in ${roomJid} has the nickname ${JSON.stringify(quoted(nickname))}; ` +
      "ListOccupants tells who is there",
    { stanza: refusal({ condition: "item-not-found", type: "modify", by: roomJid }) },
  );
}

export function userNotInside(roomJid: string, userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.OCCUPANT_NOT_FOUND,
    `${userJid} is not in ${roomJid}; ListOccupants tells who is there`,
  );
}

/** XEP-0045 section 7.2.7. */
export function banned(roomJid: string, userJid: string): DoormanError {
  return serverRefused(
    `${userJid} is banned from ${roomJid}; give the user another affiliation first`,
    { condition: "forbidden", type: "auth", by: roomJid },
  );
}

export function userNotAffiliated(roomJid: string, userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.USER_NOT_AFFILIATED,
    `${userJid} has no affiliation with ${roomJid}; make the user a member, admin or owner first`,
    {
      stanza: refusal({
        condition: "item-not-found",
        type: "cancel",
        by: roomJid,
        text: "user not affiliated with room",
      }),
    },
  );
}

export function userNotFound(userJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.USER_NOT_FOUND,
    `There is no account ${userJid}; check its name, or open it with PutUser of ${SANDBOX_SERVICE}`,
  );
}

export function contactNotFound(userJid: string, contactJid: string): DoormanError {
  return new DoormanError(
    ErrorReason.CONTACT_NOT_FOUND,
    `${contactJid} is not in the roster of ${userJid}; GetRoster tells who is`,
    // RFC 6121 section 2.5.3.
    { stanza: refusal({ condition: "item-not-found", type: "modify", by: userJid }) },
  );
}

function refusal(stanza: Partial<StanzaRefusal>): StanzaRefusal {
  return { condition: "", type: "", by: "", text: "", ...stanza };
}
