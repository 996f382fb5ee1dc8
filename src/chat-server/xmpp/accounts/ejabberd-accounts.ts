import type { Logger } from "pino";
import { domainOf, localpartOf } from "../../../jid/parts.js";
import type { IqClient } from "../connection/iq.js";
import { type EjabberdApi, RESULT_CODE } from "../ejabberd-api.js";
import { XmppAccounts } from "./accounts.js";

/**
 * Accounts of ejabberd, which tells only by its own API who exists. Passwords are checked there too: to
 * mod_fail2ban a login that fails is an attack from Doorman's address.
 */
export class EjabberdAccounts extends XmppAccounts {
  readonly #api: EjabberdApi;

  constructor(
    iq: IqClient,
    ownJid: string,
    options: { service: string; log: Logger; api: EjabberdApi },
  ) {
    super(iq, ownJid, options);
    this.#api = options.api;
  }

  override exists(userJid: string, signal: AbortSignal): Promise<boolean> {
    const task = `say whether ${userJid} exists`;
    return this.#api.call("check_account", accountOf(userJid), RESULT_CODE, { task, signal });
  }

  override checkPassword(userJid: string, password: string, signal: AbortSignal): Promise<boolean> {
    const task = `check the password of ${userJid}`;
    const parameters = { ...accountOf(userJid), password };
    return this.#api.call("check_password", parameters, RESULT_CODE, { task, signal });
  }
}

function accountOf(userJid: string) {
  return { user: localpartOf(userJid), host: domainOf(userJid) };
}
