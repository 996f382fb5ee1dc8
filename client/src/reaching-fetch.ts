import { Code, ConnectError } from "@connectrpc/connect";

/** Makes a fetch that fails with Unavailable when nobody answers, where fetch throws a bare TypeError. */
export function reachingFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      const response = await fetch(input, init);
      if (isStream(response)) return response;
      // Read here, so that an answer that is cut short counts as Doorman not being reached; and raced,
      // because in Node.js fetch may forget the signal once the answer has begun.
      const body = await unlessAborted(response.arrayBuffer(), init?.signal);
      const { status, statusText, headers } = response;
      return new Response(body.byteLength === 0 ? null : body, { status, statusText, headers });
    } catch (error) {
      // The deadline or the caller; Connect knows which.
      if (init?.signal?.aborted) throw error;
      const { origin } = new URL(input instanceof Request ? input.url : input);
      const message = `Doorman could not be reached at ${origin}: ${whyOf(error)}`;
      throw new ConnectError(message, Code.Unavailable, undefined, undefined, error);
    }
  };
}

function isStream({ headers }: Response): boolean {
  return headers.get("Content-Type")?.startsWith("application/connect+") ?? false;
}

async function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal | null): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** Node.js says "fetch failed" and hides why in the cause, which for several addresses has a code alone. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : error.message);
}
