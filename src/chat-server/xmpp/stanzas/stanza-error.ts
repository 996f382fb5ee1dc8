import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError, type StanzaRefusal } from "../../../errors/doorman-error.js";
import { quotedOfServer } from "../../../errors/quote.js";
import { attribute, type Element } from "./stanza.js";

/** RFC 6120 section 8.3.2. */
const NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas";

/** Reads the error of a stanza of type "error". The condition is found by its namespace: its place is free. */
export function readStanzaError(stanza: Element): StanzaRefusal {
  const error = stanza.getChild("error");
  const defined = error
    ?.getChildElements()
    .filter((child) => child.getNS() === NS_STANZAS && child.getName() !== "text");
  return {
    condition: defined?.[0]?.getName() ?? "undefined-condition",
    type: error === undefined ? "" : attribute(error, "type"),
    by: error === undefined ? "" : attribute(error, "by"),
    text: error?.getChildText("text", NS_STANZAS) ?? "",
  };
}

/** Makes the error for a refusal that has no reason of its own. @param task what Doorman was doing, "kick Bob" */
export function refused(task: string, stanza: StanzaRefusal, advice?: string): DoormanError {
  const text = quotedOfServer(stanza.text);
  const said = text === "" ? stanza.condition : `${stanza.condition}: ${text}`;
  return new DoormanError(
    ErrorReason.SERVER_REFUSED,
    [`The chat server refused to ${task} (${said})`, advice ?? ADVICE[stanza.condition]]
      .filter((sentence) => sentence !== undefined)
      .join(". "),
    { stanza },
  );
}

const ADVICE: Readonly<Record<string, string>> = {
  forbidden:
    'Make Doorman\'s account an administrator of the server: in Prosody, list it in "admins"; in ejabberd, allow it in the access rule "configure" and, for rooms, in access_admin of mod_muc',
  "policy-violation":
    'Exempt Doorman\'s account from the server\'s limits: in Prosody, list it in "unlimited_jids"; in ejabberd, give its listener "shaper: none" for it',
  "resource-constraint": "The server is short of something; try again later",
  "remote-server-not-found": "The chat server neither serves that domain nor finds who does",
  "remote-server-timeout": "The server of that domain does not answer",
};

/** An error that comes from the server's own words. */
export type Refusal = DoormanError & { readonly stanza: StanzaRefusal };

/** Tells whether an error is a refusal by the server, with one of these conditions where some are given. */
export function isRefusal(error: unknown, ...conditions: string[]): error is Refusal {
  return (
    error instanceof DoormanError &&
    error.stanza !== undefined &&
    (conditions.length === 0 || conditions.includes(error.stanza.condition))
  );
}
