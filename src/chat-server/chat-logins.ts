/** Tells which users come online. */
export interface ChatLogins {
  /** Whether the server tells of the users of a host. */
  covers(host: string): boolean;
  /**
   * @param listener is called for each client that comes online, and for those that are online when
   * Doorman connects; with the user's JID. It must return at once, and not throw.
   */
  listen(listener: (userJid: string) => void): void;
}
