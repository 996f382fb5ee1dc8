import { randomBytes } from "node:crypto";
import type { ChatInvites, ServerInvite } from "../chat-invites.js";
import { hostNotFound, throwIfAborted } from "./sandbox-errors.js";

// mod_invites: 18 random bytes and a week.
const TOKEN_BYTES = 18;
const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** Issues invites that look like Prosody's. Nobody can register in the sandbox, so it keeps none. */
export class SandboxInvites implements ChatInvites {
  /** @param hosts the MUC domains by host */
  constructor(private readonly hosts: ReadonlyMap<string, readonly string[]>) {}

  async createAccountInvite(host: string, signal: AbortSignal): Promise<ServerInvite> {
    throwIfAborted(signal);
    if (!this.hosts.has(host)) throw hostNotFound(host, this.hosts.keys());
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    return {
      token,
      uri: `xmpp:${host}?register;preauth=${token}`, // XEP-0445 section 2.2.
      landingPageUrl: undefined,
      expireTime: new Date(Date.now() + LIFETIME_MS),
    };
  }
}
