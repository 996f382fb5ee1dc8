/** The part of a call's time that is kept for the answer's way back to the caller. */
const SHARE = 0.1;
const MAX_MS = 250;

/** The units of gRPC's time-outs, in milliseconds; see "PROTOCOL-HTTP2" in gRPC's documents. */
const MS_OF_UNIT: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * Answers a call's headers with a little less time in them. Callers stop listening when their time is
 * over, so an error that says what became of the call has to be on its way before.
 */
export function leavingTimeToAnswer(headers: Headers): Headers {
  const left = new Headers(headers);
  const connect = /^\d{1,10}$/.exec(headers.get("Connect-Timeout-Ms") ?? "")?.[0];
  if (connect !== undefined) left.set("Connect-Timeout-Ms", String(shorter(Number(connect))));
  const [, count, unit = ""] =
    /^(\d{1,8})([HMSmun])$/.exec(headers.get("Grpc-Timeout") ?? "") ?? [];
  if (count !== undefined) {
    const timeoutMs = Math.min(shorter(Number(count) * (MS_OF_UNIT[unit] ?? 0)), 99_999_999);
    left.set("Grpc-Timeout", `${timeoutMs}m`);
  }
  return left;
}

function shorter(timeoutMs: number): number {
  return Math.floor(timeoutMs - Math.min(timeoutMs * SHARE, MAX_MS));
}
