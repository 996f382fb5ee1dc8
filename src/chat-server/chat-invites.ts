export interface ChatInvites {
  /**
   * Lets the chat server issue an invite to open an account on a host, good once. When `signal`
   * aborts after the server was asked, its answer is waited for all the same, 10 seconds at the most:
   * an invite that is issued is to be known.
   */
  createAccountInvite(host: string, signal: AbortSignal): Promise<ServerInvite>;
}

/** An invite that the chat server issued. */
export interface ServerInvite {
  token: string;
  uri: string;
  /** The server's own page for the invite; undefined when it has none. */
  landingPageUrl: string | undefined;
  /** Undefined when the server did not say. */
  expireTime: Date | undefined;
}
