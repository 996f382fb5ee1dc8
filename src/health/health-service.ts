import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { ErrorDetailSchema, ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import {
  type Health,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../gen/health/v1/health_pb.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import { quoted } from "../errors/quote.js";
import { networkOf } from "../limits/visitor-address.js";
import { recordKey } from "../log/request-record.js";
import { Watchers } from "./watchers.js";

/**
 * Makes the health service of gRPC (grpc.health.v1). Everything follows the chat server's readiness
 * but the services that do without it; the empty name means all of Doorman.
 */
export function healthService(
  chatServer: Pick<ChatServer, "unavailableBecause">,
  services: readonly { typeName: string; needsChatServer: boolean }[],
): ServiceImpl<typeof Health> {
  const needsChatServer = new Map([
    ["", true],
    ...services.map((service) => [service.typeName, service.needsChatServer] as const),
  ]);

  const watchers = new Watchers();

  function statusOf(service: string): ServingStatus | undefined {
    const needs = needsChatServer.get(service);
    if (needs === undefined) return undefined;
    const isReady = !needs || chatServer.unavailableBecause === undefined;
    return isReady ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  return {
    check({ service }) {
      const status = statusOf(service);
      if (status !== undefined) return create(HealthCheckResponseSchema, { status });
      // The code is prescribed by gRPC's health checking protocol.
      const detail = { reason: ErrorReason.INVALID_FIELD, metadata: { field: "service" } };
      throw new ConnectError(
        `There is no service ${quoted(service)} here`,
        Code.NotFound,
        undefined,
        [{ desc: ErrorDetailSchema, value: detail }],
      );
    },

    list() {
      const statuses = [...needsChatServer.keys()].map(
        (service) => [service, { status: statusOf(service) ?? ServingStatus.UNKNOWN }] as const,
      );
      return create(HealthListResponseSchema, { statuses: Object.fromEntries(statuses) });
    },

    async *watch({ service }, { signal, values }) {
      let told: ServingStatus | undefined;
      const address = networkOf(values.get(recordKey).address);
      for await (const _tick of watchers.ticks(address, signal)) {
        const status = statusOf(service) ?? ServingStatus.SERVICE_UNKNOWN;
        if (status !== told) yield create(HealthCheckResponseSchema, { status });
        told = status;
      }
    },
  };
}
