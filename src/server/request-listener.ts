import type { ConnectRouter } from "@connectrpc/connect";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { SandboxService } from "../../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { HatService } from "../../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { ServerService } from "../../gen/doorman/v1/server_service_pb.js";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionV1alpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { Health } from "../../gen/health/v1/health_pb.js";
import { ProtectedUsers } from "../accounts/protected-users.js";
import { UsernameRules } from "../accounts/username.js";
import { serverService } from "../capabilities/server-service.js";
import type { StartedChatServer } from "../chat-server/start-chat-server.js";
import {
  type Configuration,
  SANDBOX_AUTHORIZATION_HEADER,
} from "../configuration/configuration.js";
import type { Schema } from "../database/schema.js";
import { quoted } from "../errors/quote.js";
import { hatService } from "../hats/hat-service.js";
import { healthService } from "../health/health-service.js";
import { Hosts } from "../hosts/hosts.js";
import { inviteIssuer } from "../invites/invite-issuer.js";
import { inviteService } from "../invites/invite-service.js";
import { InviteStore } from "../invites/invite-store.js";
import { startRedemptions } from "../invites/redemption/start-redemptions.js";
import { ServerInvites } from "../invites/server-invites.js";
import { Authenticator } from "../keys/authenticator.js";
import { KeyStore } from "../keys/key-store.js";
import { UntrustedProxy } from "../limits/untrusted-proxy.js";
import { findVisitors, networkOf } from "../limits/visitor-address.js";
import { recordIn, withRecords } from "../log/request-record.js";
import { reflectionServices } from "../reflection/reflection-service.js";
import { roomService } from "../rooms/room-service.js";
import { refreshAtLogin } from "../rosters/refresh-at-login.js";
import { refreshTurns } from "../rosters/refresh-roster.js";
import { rosterService } from "../rosters/roster-service.js";
import { KeyedLock } from "../waiting/keyed-lock.js";
import { withCors } from "./cors.js";
import type { HttpListener } from "./http-message.js";
import { admitByKey } from "./rpcs/admission.js";
import { rpcListener } from "./rpcs/rpc-listener.js";
import { webRoutes } from "./web-routes.js";

const LOOPBACK = ["127.0.0.1", "::1"];

/** The services that need no key: they tell nothing but what the contract and /readyz tell. */
const PUBLIC_SERVICES = [Health, ServerReflection, ServerReflectionV1alpha];

/** A message to these names a service or a type. Anybody may send one, so that it costs little to read. */
const PUBLIC_OPTIONS = { readMaxBytes: 4 * 1024 };

/**
 * Makes the listener that answers everything on Doorman's ports: all services and all web routes. What
 * goes on by itself beside the requests ends with `stop`.
 * @param publicUrl where Doorman's pages are, without a final slash
 */
export function requestListener(options: {
  configuration: Configuration;
  database: Kysely<Schema>;
  started: StartedChatServer;
  publicUrl: string;
  log: Logger;
  /** Aborts when Doorman stops. */
  closing: AbortSignal;
}): { listener: HttpListener; stop: () => Promise<void> } {
  const { configuration, database, started, publicUrl, log } = options;
  const { chatServer, sandboxService } = started;
  const isSandbox = sandboxService !== undefined;
  const { muc_kick, roster_admin } = configuration;
  const authenticator = new Authenticator(new KeyStore(database), log);
  const hosts = new Hosts(started.hosts, chatServer, log);
  const rooms = { hosts, chatServer };
  const rosters = { ...rooms, rosterLock: new KeyedLock(), refreshTurns: refreshTurns(), log };
  refreshAtLogin(rosters, hosts.loginIntervals(), options.closing);
  const issuer = inviteIssuer(configuration);
  const { protected_users, reserved_usernames = [] } = configuration.invites;
  const protectedUsers = new ProtectedUsers(
    chatServer.accounts,
    protected_users && new Set(protected_users.map(({ bare }) => bare)),
  );
  const redemptions = startRedemptions(rosters, { database, protectedUsers, log });
  const inviteStore = new InviteStore(database);
  const invites = {
    ...rooms,
    ...redemptions,
    protectedUsers,
    usernameRules: new UsernameRules(
      reserved_usernames,
      protected_users?.map(({ local }) => local),
    ),
    inviteStore,
    serverInvites: new ServerInvites(chatServer.invites, inviteStore),
    requestLock: new KeyedLock(),
    issuer,
    defaultLifetimeMs: configuration.invites.ttl,
    publicUrl,
    isSandbox,
  };
  const untrustedProxy = new UntrustedProxy(log);
  const visitors = findVisitors(configuration.trusted_proxies, (peer) =>
    untrustedProxy.notice(peer),
  );
  const app = webRoutes(
    {
      ...rosters,
      ...invites,
      site: { settings: configuration.pages, publicUrl, isSandbox },
      authenticator,
      visitorAddress: (context) => networkOf(recordIn(context).address),
      authorizationHeader:
        muc_kick.authorization_header ?? (isSandbox ? SANDBOX_AUTHORIZATION_HEADER : undefined),
      allowWithoutKeyFrom: roster_admin.allow_without_key_from ?? (isSandbox ? LOOPBACK : []),
      configuredPublicUrl: configuration.public_url,
    },
    log,
  );

  function routes(router: ConnectRouter): void {
    router.service(InviteService, inviteService(invites));
    router.service(RoomService, roomService(rooms));
    router.service(RosterService, rosterService(rosters));
    router.service(HatService, hatService(rooms));
    router.service(ServerService, serverService({ ...rooms, issuer, untrustedProxy }));
    if (sandboxService) router.service(SandboxService, sandboxService);
    const services = [InviteService, RoomService, RosterService, HatService, ServerService];
    const health = services.map(({ typeName }) => ({
      typeName,
      needsChatServer: typeName !== InviteService.typeName || issuer === "server",
    }));
    router.service(Health, healthService(chatServer, health), PUBLIC_OPTIONS);
    const reflected = [...services, ...(isSandbox ? [SandboxService] : []), ...PUBLIC_SERVICES];
    const reflection = reflectionServices(reflected);
    router.service(ServerReflection, reflection.v1, PUBLIC_OPTIONS);
    router.service(ServerReflectionV1alpha, reflection.v1alpha, PUBLIC_OPTIONS);
  }

  const listener = rpcListener({
    routes,
    admit: admitByKey(authenticator, PUBLIC_SERVICES),
    fallback: getRequestListener(app.fetch, { errorHandler: malformedRequest }),
    log,
    closing: options.closing,
  });
  return {
    listener: withRecords(
      withCors(listener, configuration.cors?.allow_origins ?? []),
      visitors,
      log,
    ),
    stop: redemptions.stop,
  };
}

/** Answers a request that is no HTTP request at heart, such as one with a Host header that is no host. */
function malformedRequest(error: unknown): Response {
  if (!(error instanceof RequestError)) throw error;
  return Response.json(
    { error: `The request is malformed: ${quoted(error.message)}` },
    { status: 400 },
  );
}
