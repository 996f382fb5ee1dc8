/** The largest request body on any route, also when it is uncompressed. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** How long a client may take to say which protocol it speaks, and to send its headers. */
export const HEADERS_TIMEOUT_MS = 10_000;

/** How long a client may take to send a whole request. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** How long a connection may be idle. */
export const IDLE_TIMEOUT_MS = 120_000;

/** How long clients may leave an answer lying. */
export interface AnswerLimits {
  /** How long a client may take nothing at all of what waits for it. */
  stalledMs: number;
  /** How long a client may need for one piece of an answer, which is mostly all of it. */
  pieceMs: number;
}

/** The limits of both ports; a call may take long before there is anything to take. */
export const ANSWER_LIMITS: AnswerLimits = { stalledMs: 30_000, pieceMs: 300_000 };

/** How many connections may be open; further ones are closed at once. */
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
