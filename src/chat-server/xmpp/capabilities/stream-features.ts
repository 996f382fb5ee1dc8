import { client } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { before } from "../../../waiting/before.js";
import { describeConnectionError } from "../connection/connection-error.js";
import { destroySocket, hardenClient } from "../connection/harden-client.js";
import type { Element } from "../stanzas/stanza.js";

const NS_STREAM = "http://etherx.jabber.org/streams";
/** XEP-0401 before version 0.4, which Prosody still offers beside XEP-0445's. */
const REGISTER_BY_INVITE = ["urn:xmpp:ibr-token:0", "urn:xmpp:invite"];
const TIMEOUT_MS = 10_000;

/**
 * Tells whether a host offers registration by invite (XEP-0445 section 3), which it shows to those alone
 * who have not logged in: by a connection that never does.
 * @throws SERVER_NO_ANSWER
 */
export async function takesInvites(
  service: string,
  host: string,
  signal: AbortSignal,
): Promise<boolean> {
  let features: Element | undefined;
  let isReady = () => {};
  let over = false;
  const xmpp = client({
    service,
    domain: host,
    timeout: TIMEOUT_MS,
    // Asked for when the server has offered its features, over TLS where that is needed.
    credentials: () => {
      isReady();
      return new Promise<void>(() => {});
    },
  });
  const offered = new Promise<void>((resolve, reject) => {
    isReady = resolve;
    hardenClient(xmpp, { isOver: () => over, onUnreadable: reject });
    xmpp.on("element", (element: Element) => {
      if (element.is("features", NS_STREAM)) features = element;
    });
    xmpp.on("error", reject);
    xmpp.on("disconnect", () => reject(new Error("the connection was lost")));
    xmpp
      .connect(service)
      .then(() => xmpp.open({ domain: host }))
      .catch(reject);
  });
  try {
    await before(offered, signal, TIMEOUT_MS, () => unseen(host, "it took too long"));
  } catch (error) {
    throw error instanceof DoormanError ? error : unseen(host, describeConnectionError(error));
  } finally {
    over = true;
    destroySocket(xmpp);
  }
  return REGISTER_BY_INVITE.some((namespace) => features?.getChild("register", namespace));
}

function unseen(host: string, why: string): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_NO_ANSWER,
    `Doorman asked what ${host} offers to those who have no account, but ${why}`,
  );
}
