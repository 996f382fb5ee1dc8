import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Logger } from "pino";
import { ErrorDetailSchema, ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { codeOfError } from "../../errors/code-of-error.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { errorDetail } from "../../errors/error-detail.js";
import { refusalKey } from "./admission.js";
import { outcomeKey, outcomeOf } from "./call-log.js";
import { withoutSecrets } from "./without-secrets.js";

/** Notes how each call ends, for its line in the log; with level debug logs the request, without secrets. */
export function noteOutcome(log: Logger): Interceptor {
  return (next) => async (request) => {
    if (!request.stream && log.isLevelEnabled("debug")) {
      log.debug({ request: withoutSecrets(request.method.input, request.message) });
    }
    try {
      const response = await next(request);
      request.contextValues.set(outcomeKey, { code: "ok" });
      return response;
    } catch (error) {
      request.contextValues.set(outcomeKey, outcomeOf(error));
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
      throw translateError(error, log);
    }
  };
}

/** Lets only those calls through that were admitted before their messages were read. */
export const requireAdmission: Interceptor = (next) => (request) => {
  const refusal = request.contextValues.get(refusalKey);
  if (refusal !== undefined) throw refusal;
  return next(request);
};

/** Answers an error as callers are to see it. */
export function translateError(error: unknown, log: Logger): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof DoormanError) {
    const detail = { desc: ErrorDetailSchema, value: errorDetail(error) };
    return new ConnectError(error.message, codeOfError(error), undefined, [detail], error);
  }
  log.error({ err: error }, "unforeseen fault");
  const detail = { desc: ErrorDetailSchema, value: { reason: ErrorReason.INTERNAL } };
  const message = "Doorman failed; its log says why";
  return new ConnectError(message, Code.Internal, undefined, [detail], error);
}
