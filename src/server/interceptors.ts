import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Logger } from "pino";
import { ErrorDetailSchema, ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { codeOfError } from "../errors/code-of-error.js";
import { DoormanError } from "../errors/doorman-error.js";
import { errorDetail } from "../errors/error-detail.js";
import type { Authenticator } from "../keys/authenticator.js";
import { callerKey, requireGrant } from "../keys/caller.js";
import { withoutSecrets } from "./without-secrets.js";

/** Logs each call: method, key id, code and duration; with level debug the request too, without secrets. */
export function logCalls(log: Logger): Interceptor {
  return (next) => async (request) => {
    const start = performance.now();
    const line = (code: string, reason?: string) => ({
      rpc: `${request.service.typeName}/${request.method.name}`,
      key_id: request.contextValues.get(callerKey).keyId,
      code,
      reason,
      ms: Math.round(performance.now() - start),
    });
    if (!request.stream && log.isLevelEnabled("debug")) {
      log.debug({ request: withoutSecrets(request.method.input, request.message) });
    }
    try {
      const response = await next(request);
      log.info(line("ok"), "call");
      return response;
    } catch (error) {
      if (error instanceof DoormanError) {
        log.info(line(Code[codeOfError(error)], ErrorReason[error.reason]), "call");
      } else {
        log.info(line(Code[ConnectError.from(error, Code.Internal).code]), "call");
      }
      throw error;
    }
  };
}

/** Gives every error its code and its typed detail; what Doorman did not foresee is logged and kept opaque. */
export function translateErrors(log: Logger): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (error instanceof ConnectError) throw error;
      throw connectError(error, log);
    }
  };
}

/**
 * Lets a call in when it carries a key with the grant that the method declares.
 * @param publicServices those that need no key
 */
export function authenticate(
  authenticator: Authenticator,
  publicServices: readonly DescService[],
): Interceptor {
  const isPublic = new Set(publicServices.map(({ typeName }) => typeName));
  return (next) => async (request) => {
    if (isPublic.has(request.service.typeName)) return next(request);
    const caller = await authenticator.fromAuthorization(request.header.get("Authorization"));
    request.contextValues.set(callerKey, caller);
    requireGrant(caller, request.method);
    return next(request);
  };
}

function connectError(error: unknown, log: Logger): ConnectError {
  if (error instanceof DoormanError) {
    const detail = { desc: ErrorDetailSchema, value: errorDetail(error) };
    return new ConnectError(error.message, codeOfError(error), undefined, [detail], error);
  }
  log.error({ err: error }, "unforeseen fault");
  const detail = { desc: ErrorDetailSchema, value: { reason: ErrorReason.INTERNAL } };
  const message = "Doorman failed; its log says why";
  return new ConnectError(message, Code.Internal, undefined, [detail], error);
}
