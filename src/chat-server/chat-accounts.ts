export interface ChatAccounts {
  /** Doorman's own account, bare; undefined where it has none. */
  readonly ownJid: string | undefined;
  exists(userJid: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Opens an account, and returns when it is there. After SERVER_NO_ANSWER it may be there, unless the
   * error is a NotBegun; after any other error it is not.
   * @throws USERNAME_TAKEN
   */
  create(userJid: string, password: string, signal: AbortSignal): Promise<void>;
  /**
   * Changes a password, and returns when the new one is good. Errors mean what those of `create` do.
   * @throws USER_NOT_FOUND
   */
  setPassword(userJid: string, password: string, signal: AbortSignal): Promise<void>;
  /** Whether a password is the account's. No password is that of an account which does not exist. */
  checkPassword(userJid: string, password: string, signal: AbortSignal): Promise<boolean>;
  /** Whether an account administers the server; undefined where the server does not tell. */
  isAdmin(userJid: string, signal: AbortSignal): Promise<boolean | undefined>;
}
