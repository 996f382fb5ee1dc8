import { setMaxListeners } from "node:events";

/**
 * Does work with a signal that aborts when the given one does, or after a time at the latest.
 * AbortSignal.any and AbortSignal.timeout would do the same, but what they make can be collected as
 * garbage while something still waits for it, and then never aborts.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (deadline: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  // As in before().
  setMaxListeners(0, signal);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
