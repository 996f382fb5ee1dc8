import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CAST_ROSTERS } from "./cast.js";

const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 1_000;

/** Is the web application that rosters are refreshed from, in the sandbox. */
export interface ContactsApp {
  /** A roster_url: `%s` stands for the username. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a contacts app with the cast's rosters, on a free port of 127.0.0.1. */
export async function startContactsApp(): Promise<ContactsApp> {
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    answer,
  );
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/contacts/%s`,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const username = usernameOf(request.url ?? "");
  if (username === undefined) {
    send(response, 404, { error: "There is nothing here; ask for /contacts/NAME" });
    return;
  }
  if (request.method !== "GET") {
    response.setHeader("Allow", "GET");
    send(response, 405, { error: "Only GET is answered here" });
    return;
  }
  const roster = CAST_ROSTERS.get(username);
  if (roster === undefined) send(response, 404, { error: "There is no such user" });
  else send(response, 200, roster);
}

/** Reads NAME of /contacts/NAME; undefined for every other path. */
function usernameOf(url: string): string | undefined {
  const encoded = /^\/contacts\/([^/?]+)(?:\?.*)?$/.exec(url)?.[1];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined; // A malformed percent-encoding.
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}
