import type { ServiceImpl } from "@connectrpc/connect";
import type { Logger } from "pino";
import type { SandboxService } from "../../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import type { Configuration, HostConfiguration } from "../configuration/configuration.js";
import { readXmppPassword } from "../configuration/configuration-file.js";
import { hostNames } from "../hosts/host-names.js";
import type { ChatServer } from "./chat-server.js";
import type { HatLedger } from "./hat-ledger.js";
import { DEFAULT_SANDBOX_HOSTS } from "./sandbox/default-sandbox-hosts.js";

/** Is the chat server that the configuration asks for, and what goes with it. */
export interface StartedChatServer {
  chatServer: ChatServer;
  /** The hosts that are served, with what the chat server itself adds. */
  hosts: Record<string, HostConfiguration>;
  /** Undefined unless the chat server is the sandbox. */
  sandboxService: ServiceImpl<typeof SandboxService> | undefined;
}

/**
 * Connects to the XMPP server of the configuration, or starts the sandbox when there is none. Loads only the
 * one that is needed.
 */
export async function startChatServer(
  configuration: Configuration,
  hatLedger: HatLedger,
  log: Logger,
): Promise<StartedChatServer> {
  const { xmpp } = configuration;
  const configured = configuration.hosts ?? {};
  const names = hostNames(configuration);
  if (xmpp) {
    // One that is missing altogether is a fault of the configuration, told at once.
    readXmppPassword(xmpp);
    const { connectXmppChatServer } = await import("./xmpp/xmpp-chat-server.js");
    const chatServer = connectXmppChatServer({
      service: xmpp.service,
      jid: xmpp.jid.bare,
      readPassword: () => readXmppPassword(xmpp),
      nickname: xmpp.nickname,
      roomStayMs: xmpp.room_stay,
      returnOwnership: xmpp.return_ownership,
      maxOutstanding: xmpp.max_outstanding,
      ejabberdApi: xmpp.ejabberd_api,
      hatLedger,
      log,
    });
    const hosts = Object.fromEntries(names.map((name) => [name, configured[name] ?? {}]));
    return { chatServer, hosts, sandboxService: undefined };
  }
  const [{ startSandbox }, { sandboxService }] = await Promise.all([
    import("./sandbox/sandbox.js"),
    import("./sandbox/sandbox-service.js"),
  ]);
  const sandbox = await startSandbox(
    names.map((host) => ({ host, muc: sandboxMuc(host, configured) })),
  );
  log.warn(
    "No XMPP server is configured, so this is the sandbox: a place to try Doorman and to test a client, not a chat server. Its rooms, rosters and hats are gone when it stops",
  );
  const hosts = Object.fromEntries(
    names.map((name) => [name, { roster_url: sandbox.contactsAppUrl, ...configured[name] }]),
  );
  return { chatServer: sandbox, hosts, sandboxService: sandboxService(sandbox) };
}

function sandboxMuc(host: string, configured: Record<string, HostConfiguration>): string[] {
  const known = DEFAULT_SANDBOX_HOSTS.find((sandboxHost) => sandboxHost.host === host)?.muc;
  return configured[host]?.muc ?? known ?? [`conference.${host}`];
}
