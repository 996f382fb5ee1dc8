import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ErrorDetailSchema, ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { HatService } from "../../gen/doorman/v1/hat_service_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { PATIENCE_MS } from "../support/patience.js";

/** Is how a call ended. */
export interface Outcome {
  call: string;
  /** "OK", or the reason of the error; what has neither is "untyped" and what never ended "hung". */
  ended: string;
  message: string;
}

/** Are the generated clients, as a caller somewhere else has them, each call with its deadline. */
export interface Callers {
  rooms: Client<typeof RoomService>;
  rosters: Client<typeof RosterService>;
  hats: Client<typeof HatService>;
}

/**
 * Makes clients that tell Doorman a deadline and stop waiting only some time after it, so that a call
 * that hangs is told from one that Doorman answers at the last moment.
 */
export function callers(url: string, key: string, deadlineMs: number): Callers {
  const transport = createConnectTransport({
    baseUrl: url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        request.header.set("Authorization", `Bearer ${key}`);
        request.header.set("Connect-Timeout-Ms", String(deadlineMs));
        return next({ ...request, signal: AbortSignal.timeout(deadlineMs + PATIENCE_MS) });
      },
    ],
  });
  return {
    rooms: createClient(RoomService, transport),
    rosters: createClient(RosterService, transport),
    hats: createClient(HatService, transport),
  };
}

/** Waits for a call and notes how it ended. Never throws. */
export async function outcomeOf(call: string, answer: Promise<unknown>): Promise<Outcome> {
  try {
    await answer;
    return { call, ended: "OK", message: "" };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const [detail] = error.findDetails(ErrorDetailSchema);
    const hung = error.cause instanceof Error && error.cause.name === "TimeoutError";
    const reason = detail === undefined ? undefined : ErrorReason[detail.reason];
    return { call, ended: reason ?? (hung ? "hung" : "untyped"), message: error.message };
  }
}

/** Whether a call hung, or failed for no reason that its caller could do something with. */
export function hasNoEnding({ ended }: Outcome): boolean {
  return ["hung", "untyped", "INTERNAL", "UNSPECIFIED"].includes(ended);
}

/** Whether the error says for certain that nothing of what was asked has happened. */
export function saysNothingWasDone({ ended, message }: Outcome): boolean {
  if (ended === "OK") return false;
  return ended !== "SERVER_NO_ANSWER" || /that was not begun$/.test(message);
}
