/** Answers the domain of a bare JID. */
export function domainOf(bareJid: string): string {
  return bareJid.slice(bareJid.indexOf("@") + 1);
}

/** Answers the localpart of a bare JID; empty when it is a domain alone. */
export function localpartOf(bareJid: string): string {
  return bareJid.slice(0, Math.max(bareJid.indexOf("@"), 0));
}
