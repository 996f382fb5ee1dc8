import { Code, ConnectError } from "@connectrpc/connect";

/** Makes a fetch that fails with Unavailable when nobody answers, where fetch throws a bare TypeError. */
export function reachingFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (error) {
      // The deadline or the caller; Connect knows which.
      if (init?.signal?.aborted) throw error;
      const { origin } = new URL(input instanceof Request ? input.url : input);
      const message = `Doorman could not be reached at ${origin}: ${whyOf(error)}`;
      throw new ConnectError(message, Code.Unavailable, undefined, undefined, error);
    }
  };
}

/** Node.js says "fetch failed" and hides why in the cause, which for several addresses has a code alone. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : error.message);
}
