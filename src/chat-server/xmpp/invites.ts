import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { readBack } from "../../waiting/after-change.js";
import type { ChatAccounts } from "../chat-accounts.js";
import type { ChatInvites, ServerInvite } from "../chat-invites.js";
import { InBandRegistration } from "./accounts/in-band-registration.js";
import type { IqClient } from "./connection/iq.js";
import { runCommand } from "./stanzas/ad-hoc-command.js";
import { firstValue } from "./stanzas/data-form.js";

/** Invites that the chat server issues (XEP-0401 section 4.2). */
export class XmppInvites implements ChatInvites {
  readonly #iq: IqClient;
  readonly #accounts: Pick<ChatAccounts, "exists">;
  readonly #registration: InBandRegistration;

  /** @param service where users log in */
  constructor(iq: IqClient, accounts: Pick<ChatAccounts, "exists">, service: string) {
    this.#iq = iq;
    this.#accounts = accounts;
    this.#registration = new InBandRegistration(service);
  }

  async createAccountInvite(host: string, signal: AbortSignal): Promise<ServerInvite> {
    const form = await runCommand(this.#iq, {
      to: host,
      node: "urn:xmpp:invite#create-account",
      task: `issue an invite on ${host}`,
      whenMissing:
        "In Prosody, load mod_invites, mod_invites_adhoc and mod_invites_register; an ejabberd before 26 has none, so set invites.issuer to doorman",
      answers: [],
      signal,
      // An invite that was issued and is not known here could never be told of.
      outlivesCaller: true,
    });
    const uri = firstValue(form, "uri");
    const token = tokenOf(uri);
    if (token === undefined) {
      throw new DoormanError(
        ErrorReason.CHANGE_NOT_APPLIED,
        `The chat server said that it issued an invite on ${host}, and gave no URI with a token`,
      );
    }
    const expireTime = new Date(firstValue(form, "expire"));
    return {
      token,
      uri,
      landingPageUrl: firstValue(form, "landing-url") || firstValue(form, "url") || undefined,
      expireTime: Number.isNaN(expireTime.getTime()) ? undefined : expireTime,
    };
  }

  async redeem(token: string, userJid: string, password: string, signal: AbortSignal) {
    await this.#registration.register(userJid, password, token, signal);
    await readBack(`register ${userJid} by invite`, async () => {
      if (await this.#accounts.exists(userJid, signal)) return;
      throw new DoormanError(
        ErrorReason.CHANGE_NOT_APPLIED,
        `The chat server said that it registered ${userJid}, and there is no such account`,
      );
    });
  }

  takes(token: string, host: string, signal: AbortSignal): Promise<boolean> {
    return this.#registration.takesToken(host, token, signal);
  }
}

/** Reads the token out of an invite's URI (XEP-0401 section 3.1). */
function tokenOf(uri: string): string | undefined {
  const parameters = uri.slice(uri.indexOf("?") + 1).split(";");
  const token = parameters.find((one) => one.startsWith("preauth="))?.slice("preauth=".length);
  return token === undefined || token === "" ? undefined : decode(token);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
