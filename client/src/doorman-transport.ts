import type { DescMethod, MessageInitShape } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { createConnectTransport } from "@connectrpc/connect-web";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { beginStream } from "./begin-stream.js";
import { reachingFetch } from "./reaching-fetch.js";
import { repeatWhileUnavailable } from "./repeat-while-unavailable.js";

const DEFAULT_TIMEOUT_MS = 30_000;
/** Refreshing thousands of rosters takes long; Doorman itself ends a refresh after this. */
const LONG_TIMEOUT_MS = new Map<DescMethod, number>([
  [RosterService.method.refreshRosters, 600_000],
  [RosterService.method.refreshRostersWithProgress, 6 * 3_600_000],
]);

/** Says which Doorman to call, and how. */
export interface DoormanOptions {
  /** Where Doorman listens, such as `https://doorman.example.com`. */
  baseUrl: string;
  /** The key, `ID/TOKEN`. */
  key: string;
  /**
   * The deadline of a call that sets none itself, retries included; of a stream, to its last message.
   * Absent: 30 s, 10 minutes for refreshRosters, and 6 hours for refreshRostersWithProgress. 0 means no
   * deadline.
   */
  timeoutMs?: number | undefined;
  /** In place of the global fetch. */
  fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Makes the transport that calls Doorman over Connect with a key. It gives each call a deadline,
 * repeats what is safe to repeat while Doorman is Unavailable, and throws DoormanError.
 * @throws TypeError when the key or the address is none
 */
export function doormanTransport(options: DoormanOptions): Transport {
  // Checked here, because fetch would quote the key in its complaint.
  if (!/^[\x21-\x7e]+$/.test(options.key)) throw new TypeError("key: expected ID/TOKEN");
  const transport = createConnectTransport({
    baseUrl: checkedBaseUrl(options.baseUrl),
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

  const timeoutOf = (method: DescMethod, callTimeoutMs: number | undefined) =>
    callTimeoutMs ?? options.timeoutMs ?? defaultTimeoutMs(method);

  return {
    unary: (method, signal, callTimeoutMs, header, input, contextValues) =>
      repeatWhileUnavailable(method, timeoutOf(method, callTimeoutMs), signal, (leftMs) =>
        transport.unary(method, signal, leftMs, header, input, contextValues),
      ),

    async stream(method, signal, callTimeoutMs, header, input, contextValues) {
      // What the library gives can be read once, and a call that is repeated sends it again.
      const messages: MessageInitShape<typeof method.input>[] = [];
      for await (const message of input) messages.push(message);
      return await repeatWhileUnavailable(
        method,
        timeoutOf(method, callTimeoutMs),
        signal,
        (leftMs) => {
          const again = createAsyncIterable(messages);
          return beginStream(
            transport.stream(method, signal, leftMs, header, again, contextValues),
            signal,
          );
        },
      );
    },
  };
}

/** Checked here, because each call would fail as if nobody answered. */
function checkedBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const isAddress = url !== undefined && /^https?:$/.test(url.protocol);
  if (!isAddress || url.username !== "" || url.search !== "" || url.hash !== "") {
    throw new TypeError("baseUrl: expected an address such as https://doorman.example.com");
  }
  return baseUrl;
}

function defaultTimeoutMs(method: DescMethod): number {
  return LONG_TIMEOUT_MS.get(method) ?? DEFAULT_TIMEOUT_MS;
}
