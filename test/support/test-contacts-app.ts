import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers a request for a user's roster in whatever way a test wants to see handled. */
export type RosterAnswer = (response: ServerResponse) => void;

/** Is a contacts app whose answers a test decides, on a free loopback port. */
export class TestContactsApp {
  /** What was asked for, such as `GET /contacts/john`, with the Accept header. */
  readonly requests: { line: string; accept: string | undefined }[] = [];
  /** Rosters as JSON values, or statuses to fail with, by username; a user without one is a 404. */
  readonly rosters = new Map<string, unknown>();
  /** What every request is answered; undefined leaves it to `rosters`. */
  answer: RosterAnswer | undefined;

  private constructor(
    readonly rosterUrl: string,
    readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<TestContactsApp> {
    const server = createServer((request, response) => {
      const { method, url, headers } = request;
      app.requests.push({ line: `${method} ${url}`, accept: headers.accept });
      if (app.answer) return app.answer(response);
      const roster = app.rosters.get(decodeURIComponent(url?.split("/").at(-1) ?? "")) ?? 404;
      response.statusCode = typeof roster === "number" ? roster : 200;
      response.end(typeof roster === "number" ? "" : JSON.stringify(roster));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const app = new TestContactsApp(`http://127.0.0.1:${port}/contacts/%s`, async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    });
    return app;
  }

  /** Answers every request with a roster, or with any other JSON, from now on. */
  serve(roster: unknown): void {
    this.answer = (response) => response.end(JSON.stringify(roster));
  }
}
