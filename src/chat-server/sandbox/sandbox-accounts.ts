import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { domainOf } from "../../jid/parts.js";
import type { ChatAccounts } from "../chat-accounts.js";
import { hostNotFound, throwIfAborted, userNotFound } from "./sandbox-errors.js";
import type { SandboxState } from "./sandbox-state.js";

/** Is the sandbox's accounts. Doorman has none there, and nobody administers it. */
export class SandboxAccounts implements ChatAccounts {
  readonly ownJid = undefined;

  /** @param hosts the MUC domains by host */
  constructor(
    private readonly state: SandboxState,
    private readonly hosts: ReadonlyMap<string, readonly string[]>,
  ) {}

  async exists(userJid: string, signal: AbortSignal): Promise<boolean> {
    throwIfAborted(signal);
    return this.state.users.has(userJid);
  }

  async create(userJid: string, password: string, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const host = domainOf(userJid);
    if (!this.hosts.has(host)) throw hostNotFound(host, this.hosts.keys());
    if (this.state.users.has(userJid)) {
      throw new DoormanError(
        ErrorReason.USERNAME_TAKEN,
        `There is an account ${userJid} already: choose another name`,
        { metadata: { field: "username" } },
      );
    }
    this.state.ensureSpace(2); // The account and its password.
    this.state.addUser(userJid);
    this.state.passwords.set(userJid, password);
  }

  async setPassword(userJid: string, password: string, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (!this.state.users.has(userJid)) throw userNotFound(userJid);
    this.state.ensureSpace(1);
    this.state.passwords.set(userJid, password);
  }

  async checkPassword(userJid: string, password: string, signal: AbortSignal): Promise<boolean> {
    throwIfAborted(signal);
    return this.state.passwords.get(userJid) === password;
  }

  async isAdmin(_userJid: string, signal: AbortSignal): Promise<boolean> {
    throwIfAborted(signal);
    return false;
  }
}
