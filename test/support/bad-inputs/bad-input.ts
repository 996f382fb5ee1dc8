import type { Stage } from "./stage.js";

/** Is one bad input with the answer that it must get. */
export interface BadInput {
  /** Completes the sentence "refuses …". */
  name: string;
  send: (stage: Stage) => Promise<Answer>;
  expected: Expected;
}

/** Is what came back, whatever the protocol. */
export interface Answer {
  /** The HTTP status; 0 when the connection was closed without an answer. */
  status: number;
  /** The Connect code; empty for a documented call. */
  code: string;
  /** The typed detail's reason, without its prefix; empty when there is no detail. */
  reason: string;
  metadata: Record<string, string>;
  /** The words for people: an RPC's `message`, a documented call's `error`. */
  text: string;
}

export interface Expected {
  status: number;
  code?: string;
  reason?: string;
  /** The exact metadata of the detail. */
  metadata?: Record<string, string>;
  /** What the words must contain, or be like. */
  text?: string | RegExp;
}

/** A field that Doorman's own checks refuse. */
export function invalid(field: string): Expected {
  return {
    status: 400,
    code: "invalid_argument",
    reason: "INVALID_FIELD",
    metadata: { field },
    text: field,
  };
}

/** A request that is no message of the method. */
export function malformed(text: string | RegExp = ""): Expected {
  return { status: 400, code: "invalid_argument", reason: "MALFORMED_REQUEST", text };
}

/** A body that is too large for a message, in plain text or once it is uncompressed. */
export const TOO_LARGE: Expected = {
  status: 429,
  code: "resource_exhausted",
  reason: "MALFORMED_REQUEST",
  text: "1048576",
};

export function notFound(reason: string, metadata?: Record<string, string>): Expected {
  return { status: 404, code: "not_found", reason, ...(metadata && { metadata }) };
}

export function forbidden(reason: string, metadata: Record<string, string>): Expected {
  return { status: 403, code: "permission_denied", reason, metadata };
}

export function unauthenticated(reason: string): Expected {
  return { status: 401, code: "unauthenticated", reason };
}

/** A refusal in the shape of the documented calls. */
export function documented(status: number, text: string | RegExp): Expected {
  return { status, code: "", reason: "", text };
}

/** Calls a method as Connect's JSON with a message that may depend on the stage. */
export function rpc(
  name: string,
  method: string,
  message: object | ((stage: Stage) => object),
  expected: Expected,
): BadInput {
  return {
    name: `${method} with ${name}`,
    send: async (stage) => {
      const json = typeof message === "function" ? message(stage) : message;
      return readAnswer(await stage.doorman.rpc(method, stage.key, json));
    },
    expected,
  };
}

/** Sends what fetch can send. */
export function http(
  name: string,
  path: string | ((stage: Stage) => string),
  init: RequestInit | ((stage: Stage) => RequestInit),
  expected: Expected,
): BadInput {
  return {
    name,
    send: async (stage) => {
      const url = typeof path === "function" ? path(stage) : path;
      const options = typeof init === "function" ? init(stage) : init;
      return readAnswer(await stage.doorman.fetch(url, options));
    },
    expected,
  };
}

/** Reads an answer of Connect's JSON or of a documented call; what is neither has no text. */
export async function readAnswer(response: Response): Promise<Answer> {
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const body = await response.text();
  return answerOf(response.status, isJson ? body : "");
}

/** @param json empty for a body that is not JSON */
export function answerOf(status: number, json: string): Answer {
  const body = json === "" ? {} : JSON.parse(json);
  const detail = body.details?.[0]?.debug ?? {};
  return {
    status,
    code: body.code ?? "",
    reason: (detail.reason ?? "").replace(/^ERROR_REASON_/, ""),
    metadata: detail.metadata ?? {},
    text: body.message ?? body.error ?? "",
  };
}
