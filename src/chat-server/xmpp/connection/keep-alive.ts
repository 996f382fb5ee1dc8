import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import type { Connection } from "./connection.js";
import type { IqClient } from "./iq.js";

const INTERVAL_MS = 20_000;

/** Pings the server (XEP-0199), so that a connection that died without a word is noticed and replaced. */
export function keepAlive(connection: Connection, iq: IqClient): void {
  const { signal } = new AbortController();
  let session = 0;
  let timer: NodeJS.Timeout | undefined;
  connection.on("online", () => {
    session += 1;
    schedule(session);
  });
  connection.on("end", () => {
    session += 1;
    clearTimeout(timer);
  });

  function schedule(pinged: number) {
    timer = setTimeout(() => ping(pinged), INTERVAL_MS);
  }

  async function ping(pinged: number) {
    try {
      await iq.request({
        type: "get",
        to: connection.domain,
        payload: xml("ping", { xmlns: "urn:xmpp:ping" }),
        task: "answer a ping",
        signal,
      });
    } catch (error) {
      // A refusal is a sign of life too.
      const silent = error instanceof DoormanError && error.reason === ErrorReason.SERVER_NO_ANSWER;
      if (silent && session === pinged) connection.drop("the server does not answer");
    }
    if (session === pinged) schedule(pinged);
  }
}
