import type { Configuration } from "../configuration/configuration.js";

/** Answers who issues invites: unless the configuration says, the XMPP server where there is one. */
export function inviteIssuer({
  invites,
  xmpp,
}: Pick<Configuration, "invites" | "xmpp">): "server" | "doorman" {
  return invites.issuer ?? (xmpp ? "server" : "doorman");
}
