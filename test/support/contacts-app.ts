import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Is a contacts app whose answers a test chooses. A user without an answer is a 404. */
export class TestContactsApp {
  /** What it answers, by username: a roster as a JSON value, or a status to fail with. */
  readonly answers = new Map<string, unknown>();

  private constructor(
    readonly rosterUrl: string,
    readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<TestContactsApp> {
    const server = createServer((request, response) => {
      const username = decodeURIComponent(request.url?.split("/").at(-1) ?? "");
      const answer = app.answers.get(username) ?? 404;
      response.statusCode = typeof answer === "number" ? answer : 200;
      response.end(typeof answer === "number" ? "" : JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const app = new TestContactsApp(
      `http://127.0.0.1:${port}/contacts/%s`,
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    return app;
  }
}
