import { type Finding, unavailable } from "../../capability.js";
import type { LookContext } from "./server-look.js";

/**
 * Says what is wrong where an ejabberd's API is configured and the server is none: rosters, accounts and
 * who is in which room would be looked for in that ejabberd.
 * @returns undefined where that is not so
 */
export function findMisplacedApi({
  host,
  software,
  ejabberdApi,
}: LookContext): Finding | undefined {
  if (software !== "prosody" || ejabberdApi === undefined) return undefined;
  return unavailable(
    `${host} runs on Prosody, but xmpp.ejabberd_api is set: take it out of doorman.yaml`,
  );
}
