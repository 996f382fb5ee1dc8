export interface ChatInvites {
  /**
   * Lets the chat server issue an invite to open an account on a host, good once. When `signal`
   * aborts after the server was asked, its answer is waited for all the same, 10 seconds at the most:
   * an invite that is issued is to be known.
   */
  createAccountInvite(host: string, signal: AbortSignal): Promise<ServerInvite>;
  /**
   * Opens an account by an invite that the chat server issued, as an app does, and returns when it is
   * there. The server itself spends the token. After SERVER_NO_ANSWER it may have happened, unless the
   * error is a NotBegun; after any other error it has not.
   * @throws INVITE_REDEEMED when the server does not take the token (any more); USERNAME_TAKEN,
   * INVALID_FIELD, SERVER_LACKS_FEATURE
   */
  redeem(token: string, userJid: string, password: string, signal: AbortSignal): Promise<void>;
  /** Whether the chat server would take the token of an invite that it issued; asking spends nothing. */
  takes(token: string, host: string, signal: AbortSignal): Promise<boolean>;
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
