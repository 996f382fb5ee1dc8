import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { matchedRoutes } from "hono/route";
import type { Logger } from "pino";
import { serveDocs } from "../docs/serve-docs.js";
import { DoormanError } from "../errors/doorman-error.js";
import { httpStatusOf } from "../errors/http-status.js";
import { quoted } from "../errors/quote.js";
import { serveProbes } from "../health/probes.js";
import type { InviteDependencies } from "../invites/create-invite.js";
import { serveInvitesApi } from "../invites/invites-api.js";
import {
  type InvitePagesDependencies,
  serveInvitePages,
} from "../invites/pages/serve-invite-pages.js";
import { recordIn } from "../log/request-record.js";
import { type MucKickDependencies, serveMucKick } from "../rooms/muc-kick.js";
import { type RosterAdminDependencies, serveRosterAdmin } from "../rosters/roster-admin.js";
import { hostFault } from "./request-target.js";

/** Makes everything on the port that is no RPC: the documented calls, the pages and the probes. */
export function webRoutes(
  dependencies: InviteDependencies &
    InvitePagesDependencies &
    MucKickDependencies &
    RosterAdminDependencies,
  log: Logger,
): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    const start = performance.now();
    const record = recordIn(context);
    record.hasLine = true;
    await next();
    const { method } = context.req;
    const route = routeOf(app, context);
    const ms = Math.round(performance.now() - start);
    // Probes come every few seconds and say nothing new.
    const level = route === "/healthz" || route === "/readyz" ? "debug" : "info";
    const { status } = context.res;
    log[level]({ method, route, ...record.fields(), status, ms }, "request");
  });
  // Before the routes, which read the URL that the host is a part of.
  app.use(async (context, next) => {
    const error = hostFault((context.env as HttpBindings).incoming);
    return error === undefined ? next() : context.json({ error }, 400);
  });
  // Before the refusals that are written for programs: these are for people.
  serveInvitePages(app, dependencies);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (context, methods) => {
        const allowed = methods.join(", ");
        const error = `Call ${quoted(context.req.path)} by ${allowed}`;
        return context.json({ error }, 405, { Allow: allowed });
      },
    }),
  );
  app.use("/invites_api", refuseHead("OPTIONS, GET, POST"));
  app.use("/roster_admin/refresh/:username", refuseHead("GET"));
  serveInvitesApi(app, dependencies);
  serveMucKick(app, dependencies);
  serveRosterAdmin(app, dependencies);
  serveDocs(app);
  serveProbes(app, dependencies);
  app.notFound((context) =>
    context.json({ error: `There is nothing at ${quoted(context.req.path)}` }, 404),
  );
  app.onError((error, context) => {
    if (error instanceof DoormanError) {
      return context.json({ error: error.message }, httpStatusOf(error));
    }
    if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
    if (context.req.raw.signal.aborted) {
      log.debug({ err: error }, "the caller went away");
      return context.json({ error: "The request ended before its body did" }, 400);
    }
    log.error({ err: error, request_id: recordIn(context).id }, "unforeseen fault");
    return context.json({ error: "Doorman failed; its log says why" }, 500);
  });
  return app;
}

/**
 * Answers a request's path as it is registered, for the log. Never as it came: a key or a token may stand
 * in the query, and where somebody mistypes it in the path too.
 */
function routeOf(app: Hono, context: Context): string {
  const isOwn = ({ path }: { path: string }) => path !== "/*";
  const matched = matchedRoutes(context).findLast(isOwn);
  // What has another method does not match, but is meant.
  const meant = app.routes.filter(isOwn).find(({ path }) => path === context.req.path);
  return (matched ?? meant)?.path ?? "(no route)";
}

/** Hono lets HEAD run what GET does, and where GET changes something HEAD must not. */
function refuseHead(allowed: string): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.method !== "HEAD") return next();
    return context.body(null, 405, { Allow: allowed });
  };
}
