import { Code, ConnectError } from "@connectrpc/connect";

/**
 * Makes a fetch that fails with Unavailable when nobody answers, or an answer breaks off, where fetch
 * throws a bare TypeError.
 */
export function reachingFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const signal = init?.signal;
    const explain = (error: unknown) => {
      // The deadline or the caller; Connect knows which.
      if (signal?.aborted) return error;
      const { origin } = new URL(input instanceof Request ? input.url : input);
      const message = `Doorman could not be reached at ${origin}: ${whyOf(error)}`;
      return new ConnectError(message, Code.Unavailable, undefined, undefined, error);
    };
    try {
      const response = await fetch(input, { ...init, redirect: "manual" });
      if (isRedirect(response)) throw redirected(response);
      const { status, statusText, headers } = response;
      const answer = { status, statusText, headers };
      if (isStream(response) && response.body) {
        return new Response(explained(response.body, signal, explain), answer);
      }
      // Read here, so that an answer that is cut short counts as Doorman not being reached.
      const body = await unlessAborted(response.arrayBuffer(), signal);
      return new Response(body.byteLength === 0 ? null : body, answer);
    } catch (error) {
      throw error instanceof ConnectError ? error : explain(error);
    }
  };
}

/** A browser hides where to; Node.js tells. */
function isRedirect({ type, status }: Response): boolean {
  return type === "opaqueredirect" || (status >= 300 && status < 400 && status !== 304);
}

/** Never followed, since the key would go with it; nor is it tried again. */
function redirected({ headers }: Response): ConnectError {
  const target = headers.get("Location");
  return new ConnectError(
    `The address leads elsewhere${target ? `, to ${target}` : ""}: use that of Doorman itself as baseUrl`,
    Code.FailedPrecondition,
  );
}

/** Passes a body on as it comes. */
function explained(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | null | undefined,
  explain: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await unlessAborted(reader.read(), signal);
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(explain(error));
        await reader.cancel().catch(() => {});
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function isStream({ headers }: Response): boolean {
  return headers.get("Content-Type")?.startsWith("application/connect+") ?? false;
}

/** In Node.js fetch may forget its signal once the answer has begun. */
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
