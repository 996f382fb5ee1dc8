import type { Interceptor } from "@connectrpc/connect";
import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";

/** What a method has to end by itself, which it can put better: how far it has come. */
const GRACE_MS = 20;

/**
 * Ends calls when their time is over, whatever they still wait for. What outlives its caller, so that
 * Doorman knows what became of it, goes on.
 */
export const endInTime: Interceptor = (next) => async (request) => {
  if (request.stream) return await next(request);
  const { signal } = request;
  let timer: NodeJS.Timeout | undefined;
  let abort = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    abort = () => {
      timer = setTimeout(() => reject(overdue()), GRACE_MS);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([next(request), late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
};

function overdue(): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_NO_ANSWER,
    "The call's time was over before the chat server had answered: it may or may not have happened",
  );
}
