/** The largest request body on any route, also when it is uncompressed. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** How long a client may take to say which protocol it speaks, and to send its headers. */
export const HEADERS_TIMEOUT_MS = 10_000;

/** How long a connection may be idle. */
export const IDLE_TIMEOUT_MS = 120_000;

/** How long clients may take over requests and answers. */
export interface ClientLimits {
  /** To send a whole request. */
  requestMs: number;
  /** To take something of the answer that waits for them; how long the answer takes does not count. */
  stalledMs: number;
  /** To take one piece of an answer, which mostly is all of it. */
  pieceMs: number;
}

export const CLIENT_LIMITS: ClientLimits = {
  requestMs: 30_000,
  stalledMs: 30_000,
  pieceMs: 300_000,
};

/** How many connections a port may have open, of all addresses; further ones are closed at once. */
export const MAX_CONNECTIONS = 4_096;

/** How many calls one HTTP/2 connection may have under way. */
export const MAX_STREAMS_PER_CONNECTION = 100;

/** How many requests one HTTP/1.1 connection may send before the first of them is answered. */
export const MAX_PIPELINED_REQUESTS = 16;

/** After how many requests an HTTP/1.1 connection is closed. */
export const MAX_REQUESTS_PER_CONNECTION = 1_000;

/** The longest deadline a caller can ask for; a longer one is refused. Calls bound themselves besides. */
export const MAX_DEADLINE_MS = 24 * 3_600_000;

/** How long calls that are under way have to finish when Doorman stops. */
export const SHUTDOWN_TIMEOUT_MS = 10_000;
