import { DEFAULT_SANDBOX_HOSTS } from "../chat-server/sandbox/default-sandbox-hosts.js";
import type { Configuration } from "../configuration/configuration.js";

/** Names the hosts that Doorman serves, without starting anything; the first is the main one. */
export function hostNames({ hosts, xmpp }: Pick<Configuration, "hosts" | "xmpp">): string[] {
  if (hosts) return Object.keys(hosts);
  if (xmpp) return [xmpp.jid.domain];
  return DEFAULT_SANDBOX_HOSTS.map(({ host }) => host);
}
