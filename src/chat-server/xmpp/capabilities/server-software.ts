import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import type { IqClient } from "../connection/iq.js";
import { attribute } from "../stanzas/stanza.js";

/** XEP-0092. */
const NS_VERSION = "jabber:iq:version";
const NS_INFO = "http://jabber.org/protocol/disco#info";

/** What a server calls itself; each is empty when it does not tell. */
export interface ServerSoftware {
  name: string;
  version: string;
}

/** Asks a host which software it runs on. */
export async function serverSoftware(
  iq: IqClient,
  host: string,
  signal: AbortSignal,
): Promise<ServerSoftware> {
  async function ask(namespace: string) {
    try {
      const payload = xml("query", { xmlns: namespace });
      const task = "say what it is";
      const result = await iq.request({ type: "get", to: host, payload, task, signal });
      return result.getChild("query", namespace);
    } catch (error) {
      if (error instanceof DoormanError && NOT_TOLD.has(error.reason)) return undefined;
      throw error;
    }
  }
  const told = await ask(NS_VERSION);
  const name = told?.getChildText("name") ?? "";
  if (name !== "") return { name, version: told?.getChildText("version") ?? "" };
  const identities = (await ask(NS_INFO))?.getChildren("identity") ?? [];
  const server = identities.find((identity) => attribute(identity, "category") === "server");
  return { name: server === undefined ? "" : attribute(server, "name"), version: "" };
}

const NOT_TOLD: ReadonlySet<ErrorReason> = new Set([
  ErrorReason.SERVER_REFUSED,
  ErrorReason.SERVER_NO_ANSWER,
]);
