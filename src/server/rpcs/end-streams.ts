import type { Interceptor } from "@connectrpc/connect";
import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";

/**
 * Ends streams when Doorman stops. Without that a long one would keep Doorman from stopping, and break off
 * without a word in the end.
 */
export function endStreams(stopping: AbortSignal): Interceptor {
  return (next) => async (request) => {
    const response = await next(request);
    if (!response.stream) return response;
    return { ...response, message: until(stopping, response.message) };
  };
}

async function* until<T>(stopping: AbortSignal, messages: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = messages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await unless(stopping, iterator.next());
      if (done) return;
      yield value;
    }
  } finally {
    // Not waited for: it ends when what it waits for itself has ended.
    iterator.return?.()?.catch(() => {});
  }
}

function unless<T>(stopping: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(isStopping());
    if (stopping.aborted) stop();
    else stopping.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => stopping.removeEventListener("abort", stop));
  });
}

function isStopping(): DoormanError {
  return new DoormanError(
    ErrorReason.DOORMAN_STOPPING,
    "Doorman is stopping: what the stream has told is done, and of the rest some may be; call again when Doorman is back",
  );
}
