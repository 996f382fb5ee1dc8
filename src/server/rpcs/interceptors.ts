import type { Message } from "@bufbuild/protobuf";
import { ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Logger } from "pino";
import { ErrorDetailSchema } from "../../../gen/doorman/v1/error_pb.js";
import { codeOfError } from "../../errors/code-of-error.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { errorDetail } from "../../errors/error-detail.js";
import { unforeseen } from "../../errors/unforeseen.js";
import { recordKey } from "../../log/request-record.js";
import { subjectOf } from "../../log/subject-of-message.js";
import { refusalKey } from "./admission.js";
import { outcomeKey, outcomeOf } from "./call-log.js";
import { describeUnreadable } from "./malformed-request.js";
import { withoutSecrets } from "./without-secrets.js";

/**
 * Notes for each call's line in the log what it is about and how it ends; with level debug logs the
 * request, without secrets.
 */
export function noteOutcome(log: Logger): Interceptor {
  return (next) => async (request) => {
    const { contextValues } = request;
    const record = contextValues.get(recordKey);
    const { input, output } = request.method;
    const noteOk = () => contextValues.set(outcomeKey, { code: "ok" });
    const noteFailure = (error: unknown) => {
      contextValues.set(outcomeKey, outcomeOf(error));
      return error;
    };
    const noteRequest = (message: Message) => {
      record.isAbout(subjectOf(input, message));
      if (!log.isLevelEnabled("debug")) return;
      log.debug({ request_id: record.id, request: withoutSecrets(input, message) });
    };
    if (!request.stream) noteRequest(request.message);
    try {
      const response = await next(
        request.stream ? { ...request, message: each(request.message, noteRequest) } : request,
      );
      if (response.stream) {
        return { ...response, message: watch(response.message, noteOk, noteFailure) };
      }
      record.isAbout(subjectOf(output, response.message));
      noteOk();
      return response;
    } catch (error) {
      throw noteFailure(error);
    }
  };
}

async function* each<T>(messages: AsyncIterable<T>, note: (message: T) => void): AsyncGenerator<T> {
  for await (const message of messages) {
    note(message);
    yield message;
  }
}

/** Gives every error its code and its typed detail; what Doorman did not foresee is logged and kept opaque. */
export function translateErrors(log: Logger): Interceptor {
  return (next) => async (request) => {
    const translate = (error: unknown) => {
      const request_id = request.contextValues.get(recordKey).id;
      const translated = translateError(error, log.child({ request_id }));
      // In a stream the library complains in here of a message that it cannot read.
      const isItsOwn = request.stream && translated.findDetails(ErrorDetailSchema).length === 0;
      return isItsOwn ? describeUnreadable(translated, request.method) : translated;
    };
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: watch(response.message, () => {}, translate) };
    } catch (error) {
      throw translate(error);
    }
  };
}

/** Passes a stream's messages on, and tells how it ended; not when nobody wants more of them. */
async function* watch<T>(
  messages: AsyncIterable<T>,
  onEnd: () => void,
  translate: (error: unknown) => unknown,
): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    throw translate(error);
  }
  onEnd();
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
  const fault = error instanceof DoormanError ? error : unforeseen(error, log);
  const detail = { desc: ErrorDetailSchema, value: errorDetail(fault) };
  return new ConnectError(fault.message, codeOfError(fault), undefined, [detail], error);
}
