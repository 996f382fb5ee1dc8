import type { Capability, ServerInfo } from "../../gen/doorman/v1/server_pb.js";

export interface ChatCapabilities {
  /**
   * Asks the server what it lets Doorman do on a host, in some seconds, without changing anything. What
   * the server does not tell makes a capability worse, and no error.
   * @param mucDomains returns the domains that hold the host's rooms; called while Doorman is connected
   */
  look(
    host: string,
    mucDomains: (signal: AbortSignal) => Promise<readonly string[]>,
    signal: AbortSignal,
  ): Promise<ServerLook>;
}

/** What a chat server lets Doorman do. */
export interface ServerLook {
  info: ServerInfo;
  /**
   * The operations that depend on the server alone, each once. CREATE_INVITES is about invites that the
   * server issues, REFRESH_AT_LOGIN about being told of logins. None while Doorman is not connected.
   */
  capabilities: Capability[];
}
