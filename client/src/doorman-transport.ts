import type { DescMethodUnary } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { DoormanError } from "./doorman-error.js";
import { reachingFetch } from "./reaching-fetch.js";

const DEFAULT_TIMEOUT_MS = 30_000;
/** Refreshing thousands of rosters takes long; Doorman itself ends a refresh after this. */
const REFRESH_TIMEOUT_MS = 600_000;
const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 200;

/** Says which Doorman to call, and how. */
export interface DoormanOptions {
  /** Where Doorman listens, such as `https://doorman.example.com`. */
  baseUrl: string;
  /** The key, `ID/TOKEN`. */
  key: string;
  /**
   * The deadline of a call that sets none itself, retries included. Absent: 30 s, and 10 minutes for
   * refreshRosters. 0 means no deadline.
   */
  timeoutMs?: number | undefined;
  /** In place of the global fetch. */
  fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Makes the transport that calls Doorman over Connect with a key. It gives each call a deadline,
 * repeats what is safe to repeat while Doorman is Unavailable, and throws DoormanError.
 * @throws TypeError when the key is none
 */
export function doormanTransport(options: DoormanOptions): Transport {
  // Checked here, because fetch would quote the key in its complaint.
  if (!/^[\x21-\x7e]+$/.test(options.key)) throw new TypeError("key: expected ID/TOKEN");
  const transport = createConnectTransport({
    baseUrl: options.baseUrl,
    // A value that a newer Doorman has added is kept as a number; in JSON it would be lost.
    useBinaryFormat: true,
    fetch: reachingFetch(options.fetch ?? globalThis.fetch),
    interceptors: [
      (next) => (request) => {
        request.header.set("Authorization", `Bearer ${options.key}`);
        return next(request);
      },
    ],
  });

  return {
    // Out here and not in an interceptor: what that throws is replaced when the deadline passes.
    async unary(method, signal, callTimeoutMs, header, input, contextValues) {
      const timeoutMs = callTimeoutMs ?? options.timeoutMs ?? defaultTimeoutMs(method);
      const deadline = timeoutMs > 0 ? Date.now() + timeoutMs : undefined;
      for (let attempt = 1; ; attempt++) {
        const leftMs = deadline === undefined ? 0 : Math.max(1, deadline - Date.now());
        try {
          return await transport.unary(method, signal, leftMs, header, input, contextValues);
        } catch (thrown) {
          const error = new DoormanError(ConnectError.from(thrown));
          // Half of it random, so that many clients do not come back at the same moment.
          const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
          const isWorthRepeating = isSafeToRepeat(method) && error.code === Code.Unavailable;
          const isOver = deadline !== undefined && Date.now() + pauseMs >= deadline;
          if (!isWorthRepeating || isOver || attempt === MAX_ATTEMPTS) throw error;
          await pause(pauseMs, signal);
        }
      }
    },
    stream: transport.stream,
  };
}

function defaultTimeoutMs(method: DescMethodUnary): number {
  return method === RosterService.method.refreshRosters ? REFRESH_TIMEOUT_MS : DEFAULT_TIMEOUT_MS;
}

function isSafeToRepeat({ idempotency }: DescMethodUnary): boolean {
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
