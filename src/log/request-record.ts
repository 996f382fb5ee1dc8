import { randomUUID } from "node:crypto";
import { createContextKey } from "@connectrpc/connect";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Logger } from "pino";
import { quoted } from "../errors/quote.js";
import type { Visitors } from "../limits/visitor-address.js";
import type { HttpListener, HttpRequest } from "../server/http-message.js";

/** Proxies that make ids of their own write UUIDs, hexadecimal digits, or base64url. */
const REQUEST_ID = /^[\w.:-]{8,64}$/;

/** What a request can be about; the values as the caller wrote them. */
export type Subject = Partial<
  Record<
    "host" | "room" | "muc_domain" | "user" | "nickname" | "contact" | "hat" | "invite" | "inviter",
    string
  > & { users: number; invites: number }
>;

/** What the log tells of one request beside its outcome: its id, who asked, from where, about what. */
export class RequestRecord {
  /** The id of the key; empty until one was accepted. */
  keyId = "";
  /** Whether the part that answers the request writes its line. withRecords writes the others. */
  hasLine = false;
  readonly #subject: Subject = {};

  /**
   * @param id is answered as the header x-request-id
   * @param address the visitor's IP address; the peer's unless that is a trusted proxy
   */
  constructor(
    readonly id: string,
    readonly address: string,
  ) {}

  /** Adds to what the request is about. What is empty or undefined is left as it was. */
  isAbout(subject: { [name in keyof Subject]: Subject[name] | undefined }): void {
    for (const [name, value] of Object.entries(subject)) {
      if (value === undefined || value === "") continue;
      const short = typeof value === "string" ? quoted(value) : value;
      Object.assign(this.#subject, { [name]: short });
    }
  }

  /** The fields of this request's line in the log. */
  fields(): Record<string, unknown> {
    const { id, address, keyId } = this;
    return { request_id: id, address, key_id: keyId, ...this.#subject };
  }
}

const records = new WeakMap<HttpRequest, RequestRecord>();

/** Carries the record of an RPC. */
export const recordKey = createContextKey<RequestRecord>(new RequestRecord("", ""), {
  description: "the record of the request",
});

/**
 * Keeps a record of each request, and answers its id as x-request-id. A trusted proxy's id is taken over.
 * @param log is told of requests that are refused before anything answers them
 */
export function withRecords(listener: HttpListener, visitors: Visitors, log: Logger): HttpListener {
  return (request, response) => {
    const sent = request.headers["x-request-id"];
    const isTakenOver =
      typeof sent === "string" && REQUEST_ID.test(sent) && visitors.isBehindProxy(request);
    const id = isTakenOver ? sent : randomUUID();
    const record = new RequestRecord(id, visitors.addressOf(request));
    records.set(request, record);
    response.setHeader("x-request-id", record.id);
    response.once("close", () => {
      if (record.hasLine) return;
      const { method } = request;
      const status = response.statusCode;
      log.info({ method, route: "(no route)", ...record.fields(), status }, "request");
    });
    listener(request, response);
  };
}

/** Returns the record of a request. */
export function recordOf(request: HttpRequest): RequestRecord {
  const record = records.get(request);
  if (record === undefined) throw new Error("no record was kept of this request");
  return record;
}

/** Returns the record of a request to a web route. */
export function recordIn(context: Context): RequestRecord {
  return recordOf((context.env as HttpBindings).incoming);
}
