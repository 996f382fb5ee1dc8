/** Is a private chat server that runs, as the tests' own XMPP clients need to know it. */
export interface RunningChatServer {
  /** The URI for an XMPP client. */
  readonly service: string;
  /** The host of the accounts that are named without one. */
  readonly domain: string;
  password(username: string): string;
}
