import { randomUUID } from "node:crypto";
import { xml } from "@xmpp/client";
import type { Connection } from "./connection.js";

/** How long the server may say nothing before it is asked whether it is there. */
const QUIET_MS = 5_000;
/** How long it then has to say anything at all: a server that is busy is not to be given up. */
const SILENT_MS = 10_000;

/** Pings a quiet server (XEP-0199), so that a connection that died without a word is noticed and replaced. */
export function keepAlive(connection: Connection): void {
  let timer: NodeJS.Timeout | undefined;
  connection.on("online", wait);
  connection.on("stanza", wait);
  connection.on("end", () => clearTimeout(timer));

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(ping, QUIET_MS);
  }

  function ping() {
    if (connection.unavailableBecause !== undefined) return;
    const payload = xml("ping", { xmlns: "urn:xmpp:ping" });
    connection.send(xml("iq", { type: "get", to: connection.domain, id: randomUUID() }, payload));
    timer = setTimeout(() => connection.drop("the server does not answer"), SILENT_MS);
  }
}
