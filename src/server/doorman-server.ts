import type { ConnectRouter } from "@connectrpc/connect";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { SandboxService } from "../../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { HatService } from "../../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { HatLedger } from "../chat-server/hat-ledger.js";
import { startChatServer } from "../chat-server/start-chat-server.js";
import type { Configuration } from "../configuration/configuration.js";
import { type ListenAddress, urlOf } from "../configuration/listen-address.js";
import type { Schema } from "../database/schema.js";
import { hatService } from "../hats/hat-service.js";
import { Hosts } from "../hosts/hosts.js";
import { inviteService } from "../invites/invite-service.js";
import { InviteStore } from "../invites/invite-store.js";
import { Authenticator } from "../keys/authenticator.js";
import { KeyStore } from "../keys/key-store.js";
import { roomService } from "../rooms/room-service.js";
import { rosterService } from "../rosters/roster-service.js";
import { authenticate, logCalls, translateErrors } from "./interceptors.js";
import { listenOnOnePort } from "./one-port.js";
import { type HttpListener, rpcListener } from "./rpc-listener.js";
import { webRoutes } from "./web-routes.js";

/** Is a Doorman that serves. */
export interface DoormanServer {
  readonly address: ListenAddress;
  /** Lets the calls under way finish, then leaves the chat server. */
  close(): Promise<void>;
}

/** Starts Doorman on its port, with everything that it serves on one page. */
export async function startDoormanServer(
  configuration: Configuration,
  database: Kysely<Schema>,
  log: Logger,
): Promise<DoormanServer> {
  const {
    chatServer,
    hosts: configuredHosts,
    sandboxService,
  } = await startChatServer(configuration, new HatLedger(database), log);
  const isSandbox = sandboxService !== undefined;
  const authenticator = new Authenticator(new KeyStore(database));
  const hosts = new Hosts(configuredHosts, chatServer);
  const rooms = { hosts, chatServer };

  let answer: HttpListener | undefined;
  const port = await listenOnOnePort(configuration.listen, (request, response) =>
    answer?.(request, response),
  ).catch(async (error) => {
    await chatServer.close();
    throw error;
  });

  const invites = {
    ...rooms,
    inviteStore: new InviteStore(database),
    issuer: configuration.invites.issuer ?? (isSandbox ? "doorman" : "server"),
    defaultLifetimeMs: configuration.invites.ttl,
    publicUrl: configuration.public_url ?? urlOf(port.address),
  };
  const app = webRoutes(
    {
      ...invites,
      authenticator,
      authorizationHeader:
        configuration.muc_kick.authorization_header ??
        (isSandbox ? SANDBOX_AUTHORIZATION_HEADER : undefined),
      allowWithoutKeyFrom:
        configuration.roster_admin.allow_without_key_from ?? (isSandbox ? LOOPBACK : []),
    },
    log,
  );
  answer = rpcListener({
    routes(router: ConnectRouter) {
      router.service(InviteService, inviteService(invites));
      router.service(RoomService, roomService(rooms));
      router.service(RosterService, rosterService(rooms));
      router.service(HatService, hatService(rooms));
      if (sandboxService) router.service(SandboxService, sandboxService);
    },
    interceptors: [logCalls(log), translateErrors(log), authenticate(authenticator)],
    fallback: getRequestListener(app.fetch, { errorHandler: malformedRequest }),
    log,
  });

  return {
    address: port.address,
    async close() {
      await port.close();
      await chatServer.close();
    },
  };
}

/** Answers a request that is no HTTP request at heart, such as one with a Host header that is no host. */
function malformedRequest(error: unknown): Response {
  if (!(error instanceof RequestError)) throw error;
  return Response.json({ error: `The request is malformed: ${error.message}` }, { status: 400 });
}

/** The header of the curl call that mod_http_muc_kick documents. */
const SANDBOX_AUTHORIZATION_HEADER = "Basic dXNlcm5hbWU6cGFzc3dvcmQ=";
const LOOPBACK = ["127.0.0.1", "::1"];
