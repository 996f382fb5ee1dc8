import { randomBytes } from "node:crypto";
import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { domainOf } from "../../jid/parts.js";
import type { ChatAccounts } from "../chat-accounts.js";
import type { ChatInvites, ServerInvite } from "../chat-invites.js";
import { hostNotFound, throwIfAborted } from "./sandbox-errors.js";
import type { SandboxState } from "./sandbox-state.js";

// mod_invites: 18 random bytes and a week.
const TOKEN_BYTES = 18;
const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** Issues invites that look like Prosody's. Only Doorman can redeem them: nobody connects to the sandbox. */
export class SandboxInvites implements ChatInvites {
  /** @param hosts the MUC domains by host */
  constructor(
    private readonly state: SandboxState,
    private readonly hosts: ReadonlyMap<string, readonly string[]>,
    private readonly accounts: Pick<ChatAccounts, "create">,
  ) {}

  async createAccountInvite(host: string, signal: AbortSignal): Promise<ServerInvite> {
    throwIfAborted(signal);
    if (!this.hosts.has(host)) throw hostNotFound(host, this.hosts.keys());
    this.state.ensureSpace(1);
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const expireTime = new Date(Date.now() + LIFETIME_MS);
    this.state.inviteTokens.set(token, { host, expireTime });
    return {
      token,
      uri: `xmpp:${host}?register;preauth=${token}`, // XEP-0445 section 2.2.
      landingPageUrl: undefined,
      expireTime,
    };
  }

  async redeem(token: string, userJid: string, password: string, signal: AbortSignal) {
    if (!(await this.takes(token, domainOf(userJid), signal))) {
      throw new DoormanError(
        ErrorReason.INVITE_REDEEMED,
        "The sandbox does not take the invite any more: it was redeemed, or the sandbox was reset or started anew",
      );
    }
    await this.accounts.create(userJid, password, signal);
    this.state.inviteTokens.delete(token);
  }

  async takes(token: string, host: string, signal: AbortSignal): Promise<boolean> {
    throwIfAborted(signal);
    const invite = this.state.inviteTokens.get(token);
    return invite?.host === host && invite.expireTime.getTime() > Date.now();
  }
}
