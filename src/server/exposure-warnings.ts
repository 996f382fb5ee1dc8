import type { Configuration } from "../configuration/configuration.js";
import { urlOf } from "../configuration/listen-address.js";
import { isLoopback } from "../limits/loopback.js";

/** Returns what is risky about serving on the configured addresses, in words for the log. */
export function exposureWarnings({ listen, tls, xmpp }: Configuration): string[] {
  const warnings: string[] = [];
  const isClearTextExposed = !isLoopback(listen.host);
  if (isClearTextExposed) {
    warnings.push(
      `${urlOf(listen)} is clear text and can be reached from other machines: keys, invites and passwords can be read on the way. Set listen to 127.0.0.1 and use tls, or a proxy with TLS`,
    );
  }
  if (xmpp === undefined && (isClearTextExposed || (tls && !isLoopback(tls.listen.host)))) {
    warnings.push(
      "the sandbox can be reached from other machines: whoever reads the documentation knows the Authorization header that it takes for kicks. Set listen to 127.0.0.1, or xmpp to serve a chat server",
    );
  }
  return warnings;
}
