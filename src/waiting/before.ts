import { setMaxListeners } from "node:events";

/**
 * Waits for a promise until a time-out or the caller's signal, whichever comes first.
 * @param late makes the error for both
 */
export async function before<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  timeoutMs: number,
  late: () => Error,
): Promise<T> {
  // One call waits for many things at once, of which Node.js would warn as of a leak.
  if (signal !== undefined) setMaxListeners(0, signal);
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    abort = () => reject(late());
    timer = setTimeout(abort, timeoutMs);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal?.removeEventListener("abort", abort);
  }
}
