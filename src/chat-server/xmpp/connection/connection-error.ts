/** Thrown by Doorman itself instead of logging in. */
export class LoginRefused extends Error {}

/** Tells whether the server turned the account or its password down. */
export function isRefusedLogin(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "SASLError" &&
    text(error, "condition") !== "temporary-auth-failure"
  );
}

/** Answers the condition of a login that was turned down (RFC 6120 section 6.5); undefined for other errors. */
export function saslCondition(error: unknown): string | undefined {
  return error instanceof Error && error.name === "SASLError"
    ? text(error, "condition")
    : undefined;
}

/** Tells whether the server gave the session up for another one with the same address (RFC 6120 section 4.9.3.3). */
export function isConflict(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "StreamError" &&
    text(error, "condition") === "conflict"
  );
}

/** Tells whether an error ends an established connection: one of the stream (RFC 6120 section 4.9.1.1) or of the network. */
export function isFinal(error: unknown): boolean {
  return error instanceof Error && (error.name === "StreamError" || text(error, "code") !== "");
}

/** Describes why a connection failed, in words fit for people; never the password. */
export function describeConnectionError(error: unknown): string {
  if (error instanceof LoginRefused) return `Doorman does not log in: ${error.message}`;
  if (!(error instanceof Error)) return "an unknown error";
  const condition = text(error, "condition");
  // SASL conditions are in RFC 6120 section 6.5, those of streams in section 4.9.3.
  if (error.name === "SASLError") {
    const why = condition === "not-authorized" ? WRONG_PASSWORD : condition;
    return `login refused: ${why || error.message}`;
  }
  if (error.name === "StreamError") return `the server closed the stream: ${condition}`;
  if (error.name === "XMLError") return UNREADABLE;
  const code = text(error, "code");
  if (code !== "") return CODES[code] ?? `${error.message || "network error"} (${code})`;
  if (error.name === "TimeoutError") return "the server does not answer";
  return error.message || error.name;
}

const WRONG_PASSWORD = "the server does not take the password (not-authorized)";

export const UNREADABLE = "the server sent XML that Doorman cannot read";

const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the server closed the connection",
  EPIPE: "the server closed the connection",
  ERR_STREAM_DESTROYED: "the connection was lost",
  ETIMEDOUT: "the server does not answer",
  EHOSTUNREACH: "no route to the server",
  ENETUNREACH: "no route to the server",
  ENOTFOUND: "there is no such host name",
  EAI_AGAIN: "the host name could not be looked up",
};

function text(error: Error, property: string): string {
  const value: unknown = Reflect.get(error, property);
  return typeof value === "string" ? value : "";
}
