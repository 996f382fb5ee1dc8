/**
 * Are the domains that the cases play on, for stage.ts. A suite on a server of somebody else's sets them
 * before it loads the cases.
 */
export const playedDomains = { host: "example.com", muc: "chat.example.org" };
