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
  const tls = describeTlsError(error);
  if (tls !== undefined) return tls;
  if (code !== "") return CODES[code] ?? `${error.message || "network error"} (${code})`;
  if (error.name === "TimeoutError") return "the server does not answer";
  return error.message || error.name;
}

/**
 * Describes why TLS failed, before anything was sent by it.
 * @returns undefined for an error that is not about TLS
 */
export function describeTlsError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = text(error, "code");
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `the server's certificate does not name ${text(error, "host")}: give the server one that does`;
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG") {
    return "the port takes clear text, and Doorman speaks TLS there: name the port for TLS, or the address without TLS (xmpp: and not xmpps:, http: and not https:)";
  }
  // OpenSSL 3.2 and newer, as in Node.js 24, write it with a slash.
  const known = TLS_CODES[code.replace("/", "_")];
  if (known !== undefined) return `${known} (${code})`;
  // OpenSSL's own text is for its developers: "809C6518387F0000:error:0A000410:SSL routines:...".
  if (/^(ERR_SSL_|EPROTO$)/.test(code)) return `the server and Doorman agree on no TLS (${code})`;
  return undefined;
}

const NO_CERTIFICATE =
  "the server ends the TLS handshake, probably because it has no certificate for this host: give it one that names the host";
const UNKNOWN_AUTHORITY =
  "the server's certificate comes from an authority that this machine does not know: name the authority's file in NODE_EXTRA_CA_CERTS";

/** What OpenSSL (X509_V_ERR_*, alerts of RFC 8446 section 6) and Node.js call it. */
const TLS_CODES: Readonly<Record<string, string>> = {
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: NO_CERTIFICATE,
  ERR_SSL_SSL_TLS_ALERT_HANDSHAKE_FAILURE: NO_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR: NO_CERTIFICATE,
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: NO_CERTIFICATE,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet",
};

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
