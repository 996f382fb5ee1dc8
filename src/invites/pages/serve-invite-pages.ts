import type { Hono } from "hono";
import { InviteFinder, wrongMethod } from "./find-invite.js";
import { formLimit } from "./form-limit.js";
import { landingPage } from "./landing-page.js";
import { pageHeaders, visitOf } from "./page-headers.js";
import { type RedeemPagesDependencies, serveRedeemPages } from "./serve-redeem-pages.js";

export type InvitePagesDependencies = RedeemPagesDependencies;

/** Serves `GET /invite?TOKEN`, where the documented Location leads, and the pages behind it. */
export function serveInvitePages(app: Hono, dependencies: InvitePagesDependencies): void {
  const { inviteStore, serverInvites, visitorAddress, site } = dependencies;
  const finder = new InviteFinder(inviteStore, serverInvites, visitorAddress);
  // Of /invite itself too.
  for (const handler of pageHeaders(site)) app.use("/invite/*", handler);
  app.use("/invite/*", formLimit);
  app.get("/invite", async (context) => {
    const found = await finder.findOpen(context);
    if (found instanceof Response) return found;
    return context.html(landingPage(found, visitOf(context)));
  });
  app.all("/invite", (context) => wrongMethod(context, "GET, HEAD"));
  // Relative, since a proxy may serve the pages below a path of its own.
  app.get("/invite/", (context) =>
    context.redirect(`../invite${new URL(context.req.url).search}`, 308),
  );
  serveRedeemPages(app, dependencies, finder);
}
