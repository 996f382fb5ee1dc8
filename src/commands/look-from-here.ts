import { create } from "@bufbuild/protobuf";
import pMap from "p-map";
import { pino } from "pino";
import {
  type GetCapabilitiesResponse,
  GetCapabilitiesResponseSchema,
} from "../../gen/doorman/v1/server_service_pb.js";
import { lookAtHost } from "../capabilities/look-at-host.js";
import { HatLedger } from "../chat-server/hat-ledger.js";
import { startChatServer } from "../chat-server/start-chat-server.js";
import { readConfiguration } from "../configuration/configuration-file.js";
import { openNoDatabase } from "../database/database.js";
import { Hosts } from "../hosts/hosts.js";
import { inviteIssuer } from "../invites/invite-issuer.js";
import { withDeadline } from "../waiting/with-deadline.js";

const HOSTS_AT_ONCE = 4;
/** Who has the configuration needs no key. */
const ANYBODY = { keyId: "", host: undefined, grants: new Set<string>() };

/**
 * Logs in to the configured chat server, looks at what it lets Doorman do, and leaves. No Doorman need
 * run, and one that does is not disturbed.
 * @param name the host; undefined: all that are configured
 * @throws ConfigurationError, INVALID_FIELD, HOST_NOT_FOUND
 */
export async function lookFromHere(
  configurationFile: string,
  name: string | undefined,
  timeoutMs: number,
): Promise<GetCapabilitiesResponse[]> {
  const configuration = readConfiguration(configurationFile);
  const log = pino({ level: "silent" });
  const database = openNoDatabase();
  const { chatServer, hosts } = await startChatServer(configuration, new HatLedger(database), log);
  try {
    const known = new Hosts(hosts, chatServer, log);
    const names = name === undefined ? known.names : [known.hostOf(ANYBODY, name)];
    const dependencies = { hosts: known, chatServer, issuer: inviteIssuer(configuration) };
    const { signal } = new AbortController();
    return await withDeadline(signal, timeoutMs, (deadline) =>
      pMap(
        names,
        async (host) =>
          create(GetCapabilitiesResponseSchema, await lookAtHost(dependencies, host, deadline)),
        { concurrency: HOSTS_AT_ONCE },
      ),
    );
  } finally {
    await chatServer.close();
    await database.destroy();
  }
}
