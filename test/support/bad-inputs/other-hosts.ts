import { type BadInput, forbidden, notFound, rpc } from "./bad-input.js";

/** A user or a room of another key's host, and of a host that Doorman does not serve. */
export function onOtherHosts(
  method: string,
  field: "user_jid" | "room_jid",
  rest: object,
): BadInput[] {
  const isRoom = field === "room_jid";
  const jsonName = isRoom ? "roomJid" : "userJid";
  const theirs = isRoom ? "room@conference.localhost" : "user@localhost";
  const message = (jid: string) => ({ ...rest, [jsonName]: jid });
  const unserved = "chat.nowhere.example";
  return [
    rpc(
      `a ${field} of another key's host`,
      method,
      message(theirs),
      forbidden("HOST_FORBIDDEN", { host: "localhost" }),
    ),
    rpc(
      `a ${field} of an unknown host`,
      method,
      message(`someone@${unserved}`),
      notFound("HOST_NOT_FOUND", { host: unserved }),
    ),
  ];
}
