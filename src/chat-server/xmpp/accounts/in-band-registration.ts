import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError, invalidField } from "../../../errors/doorman-error.js";
import { quotedOfServer } from "../../../errors/quote.js";
import { domainOf, localpartOf } from "../../../jid/parts.js";
import { NotBegun } from "../../../waiting/not-begun.js";
import { Semaphore } from "../../../waiting/semaphore.js";
import { noAnswer } from "../connection/no-answer.js";
import { UnauthenticatedStream } from "../connection/unauthenticated-stream.js";
import { assertSendable, attribute, type Element } from "../stanzas/stanza.js";
import { readStanzaError, refused } from "../stanzas/stanza-error.js";

const NS_PREAUTH = "urn:xmpp:pars:0";
const NS_REGISTER = "jabber:iq:register";
/** XEP-0445 section 3, and XEP-0401 before version 0.4, which Prosody still offers beside it. */
const REGISTER_BY_INVITE = ["urn:xmpp:ibr-token:0", "urn:xmpp:invite"];
/** How long one waits for those before it. */
const TURN_TIMEOUT_MS = 10_000;
/** Each is a connection of its own. */
const MAX_AT_ONCE = 4;

/** Whether a host offers registration by invite, by what it offers to those who have not logged in. */
export function offersRegistrationByInvite(features: Element): boolean {
  return REGISTER_BY_INVITE.some((namespace) => features.getChild("register", namespace));
}

/**
 * Registers accounts by the tokens of invites that the server issued, as an app does: on a connection that
 * never logs in, the token first (XEP-0445) and then the account (XEP-0077 section 3.1). The server spends
 * the token.
 */
export class InBandRegistration {
  readonly #turns = new Semaphore(MAX_AT_ONCE, TURN_TIMEOUT_MS);

  /** @param service `xmpp://HOST:PORT` or `xmpps://HOST:PORT` */
  constructor(private readonly service: string) {}

  /**
   * After SERVER_NO_ANSWER the account may be there, unless the error is a NotBegun; after any other error
   * it is not.
   * @throws INVITE_REDEEMED when the server does not take the token; USERNAME_TAKEN, INVALID_FIELD,
   * SERVER_LACKS_FEATURE
   */
  async register(
    userJid: string,
    password: string,
    token: string,
    signal: AbortSignal,
  ): Promise<void> {
    const host = domainOf(userJid);
    const task = `register ${userJid} by invite`;
    await this.#withToken(host, token, task, signal, async (stream) => {
      const account = [
        xml("username", {}, localpartOf(userJid)),
        xml("password", {}, password),
      ] as const;
      const query = xml("query", { xmlns: NS_REGISTER }, ...account);
      assertSendable(query);
      const answer = await stream.ask(query, signal).catch(({ message }: Error) => {
        throw noAnswer(task, message);
      });
      if (attribute(answer, "type") === "error") throw registrationRefused(task, userJid, answer);
    });
  }

  /** Whether the server takes a token, which is not spent by that. */
  async takesToken(host: string, token: string, signal: AbortSignal): Promise<boolean> {
    try {
      const task = "say whether an invite is still good";
      await this.#withToken(host, token, task, signal, async () => {});
      return true;
    } catch (error) {
      if (error instanceof DoormanError && error.reason === ErrorReason.INVITE_REDEEMED)
        return false;
      throw error;
    }
  }

  /** Works on a stream whose server has taken the token. All that fails before has changed nothing. */
  async #withToken(
    host: string,
    token: string,
    task: string,
    signal: AbortSignal,
    work: (stream: UnauthenticatedStream) => Promise<void>,
  ): Promise<void> {
    await this.#turns.run(task, signal, async () => {
      const nothingDone = ({ message }: Error): never => {
        if (signal.aborted) throw new NotBegun(task, message);
        throw new DoormanError(
          ErrorReason.SERVER_UNAVAILABLE,
          `Doorman could not ${task}, because ${message}; nothing was done`,
        );
      };
      const stream = new UnauthenticatedStream(this.service, host);
      try {
        const features = await stream.open(signal).catch(nothingDone);
        if (!offersRegistrationByInvite(features)) throw notOffered(host);
        if (!stream.isPrivate) nothingDone(new Error(CLEAR_TEXT));
        const preauth = xml("preauth", { xmlns: NS_PREAUTH, token });
        const answer = await stream.ask(preauth, signal).catch(nothingDone);
        if (attribute(answer, "type") === "error") throw tokenRefused(task, host, answer);
        await work(stream);
      } finally {
        stream.close();
      }
    });
  }
}

const CLEAR_TEXT =
  "the server offers no TLS, and Doorman sends a password in clear text to a loopback address only";

function tokenRefused(task: string, host: string, answer: Element): DoormanError {
  const stanza = readStanzaError(answer);
  switch (stanza.condition) {
    // XEP-0445 section 3 has the former, Prosody the latter.
    case "item-not-found":
    case "forbidden":
      return new DoormanError(
        ErrorReason.INVITE_REDEEMED,
        "The chat server does not take the invite any more: somebody has redeemed it with an app, or it was taken back there. Ask for a new one",
      );
    case "service-unavailable":
    case "feature-not-implemented":
      return notOffered(host);
    default:
      return refused(task, stanza);
  }
}

/** Writes what a server has against an account (XEP-0077 section 3.1.1, and what servers add). */
function registrationRefused(task: string, userJid: string, answer: Element): DoormanError {
  const stanza = readStanzaError(answer);
  switch (stanza.condition) {
    case "conflict":
      return new DoormanError(
        ErrorReason.USERNAME_TAKEN,
        `There is an account ${userJid} already: choose another name`,
        { metadata: { field: "username" }, stanza },
      );
    case "not-acceptable":
    case "jid-malformed": {
      // The name mostly; modules that look at passwords say so in words.
      const field = /password/i.test(stanza.text) ? "password" : "username";
      return invalidField(
        field,
        `the chat server does not take it (${quotedOfServer(stanza.text) || stanza.condition})`,
      );
    }
    case "service-unavailable":
    case "feature-not-implemented":
    case "not-allowed":
      return notOffered(domainOf(userJid));
    default:
      return refused(task, stanza, LIMITED[stanza.condition]);
  }
}

const OF_ADDRESS =
  "The server limits registrations by address, and these come from Doorman's: in Prosody, add it to registration_allowlist";

/** What Prosody's mod_register_limits answers. */
const LIMITED: Readonly<Record<string, string>> = {
  "policy-violation": OF_ADDRESS,
  forbidden: OF_ADDRESS,
};

function notOffered(host: string): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_LACKS_FEATURE,
    `${host} does not let anybody register by invite (XEP-0445): in Prosody, add "invites_register" to the host's modules_enabled, and registration_invite_only = true`,
  );
}
