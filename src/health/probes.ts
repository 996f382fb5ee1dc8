import type { Hono } from "hono";
import type { ChatServer } from "../chat-server/chat-server.js";

/** Serves `GET /healthz`, whether Doorman runs, and `GET /readyz`, whether it can do its work. */
export function serveProbes(app: Hono, { chatServer }: { chatServer: ChatServer }): void {
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.get("/readyz", (context) =>
    chatServer.unavailableBecause === undefined
      ? context.json({ status: "ready" })
      : context.json({ status: "unavailable", reason: chatServer.unavailableBecause }, 503),
  );
}
