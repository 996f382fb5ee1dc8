import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { DoormanError } from "./doorman-error.js";

const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 200;
/** A timer that is to run longer runs out at once: 25 days will do. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Makes a call, and makes it again while Doorman is Unavailable, where the method is safe to repeat.
 * Stands around the transport and is no interceptor: what those throw is replaced when the deadline
 * passes.
 * @param timeoutMs of all attempts together; 0 is none
 * @param attempt is given what is left of that
 * @throws DoormanError
 */
export async function repeatWhileUnavailable<T>(
  method: DescMethod,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  attempt: (leftMs: number) => Promise<T>,
): Promise<T> {
  // The protocol knows whole milliseconds only.
  const deadline = timeoutMs > 0 ? Date.now() + Math.ceil(timeoutMs) : undefined;
  for (let attempts = 1; ; attempts++) {
    const leftMs =
      deadline === undefined ? 0 : Math.max(1, Math.min(deadline - Date.now(), MAX_TIMEOUT_MS));
    try {
      return await attempt(leftMs);
    } catch (thrown) {
      const error = new DoormanError(ConnectError.from(thrown));
      // Half of it random, so that many clients do not come back at the same moment.
      const pauseMs = FIRST_PAUSE_MS * 2 ** (attempts - 1) * (0.5 + Math.random() / 2);
      const isWorthRepeating = isSafeToRepeat(method) && error.code === Code.Unavailable;
      const isOver = deadline !== undefined && Date.now() + pauseMs >= deadline;
      if (!isWorthRepeating || isOver || attempts === MAX_ATTEMPTS) throw error;
      await pause(pauseMs, signal);
    }
  }
}

function isSafeToRepeat({ idempotency }: DescMethod): boolean {
  return idempotency !== MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN;
}

/** Waits, and no longer when the caller cancels: the next attempt then fails at once. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    }
  });
}
