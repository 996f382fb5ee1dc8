import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  GetCapabilitiesResponseSchema,
  type ServerService,
} from "../../gen/doorman/v1/server_service_pb.js";
import { callerKey } from "../keys/caller.js";
import { type CapabilityDependencies, lookAtHost } from "./look-at-host.js";

/** Makes the ServerService of server_service.proto. */
export function serverService(
  dependencies: CapabilityDependencies,
): ServiceImpl<typeof ServerService> {
  return {
    async getCapabilities(request, context) {
      const host = dependencies.hosts.hostOf(context.values.get(callerKey), request.host);
      const look = await lookAtHost(dependencies, host, context.signal);
      return create(GetCapabilitiesResponseSchema, look);
    },
  };
}
