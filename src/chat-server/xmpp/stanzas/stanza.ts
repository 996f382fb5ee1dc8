import type { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { hasForbiddenCharacter } from "../../../fields/text.js";
import { prepare } from "../../../jid/stringprep.js";

/** An XML element: a stanza, or a part of one. */
export type Element = ReturnType<typeof xml>;

/**
 * Servers close the whole stream on a stanza above their limit, which both Prosody and ejabberd put
 * at 256 KiB: one call's long text would fail everybody's calls.
 */
const MAX_STANZA_BYTES = 200 * 1024;

/**
 * Makes sure that a stanza cannot cost Doorman its connection.
 * @throws INVALID_FIELD
 */
export function assertSendable(stanza: Element): void {
  const text = stanza.toString();
  if (hasForbiddenCharacter(text)) {
    throw new DoormanError(
      ErrorReason.INVALID_FIELD,
      "The request has a control character, which XMPP cannot carry.",
    );
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_STANZA_BYTES) {
    throw new DoormanError(
      ErrorReason.INVALID_FIELD,
      `The request makes an XMPP stanza of ${bytes} bytes; ${MAX_STANZA_BYTES} is the most that servers take.`,
    );
  }
}

/** Answers a JID without its resource, normalised as those of requests are, to be compared with them. */
export function bareOf(jid: string): string {
  const slash = jid.indexOf("/");
  return prepare(slash === -1 ? jid : jid.slice(0, slash));
}

/** Answers a JID's resource; empty when it has none. */
export function resourceOf(jid: string): string {
  const slash = jid.indexOf("/");
  return slash === -1 ? "" : jid.slice(slash + 1);
}

/** Answers an attribute's text; empty when it is absent. */
export function attribute(element: Element, name: string): string {
  const value: unknown = element.attrs[name];
  return typeof value === "string" ? value : "";
}
