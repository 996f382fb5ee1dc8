import type { Hono } from "hono";
import { html } from "hono/html";
import { InviteState } from "../../gen/doorman/v1/invite_pb.js";
import type { InvitesTable } from "../database/schema.js";
import { inviteState } from "./invite.js";
import type { InviteStore } from "./invite-store.js";

const SENTENCE: Record<InviteState, string> = {
  [InviteState.UNSPECIFIED]: "",
  [InviteState.PENDING]: "This invite is waiting for you. Open it with your XMPP app:",
  [InviteState.UNKNOWN]:
    "Open this invite with your XMPP app; the server will say whether it is still good:",
  [InviteState.REDEEMED]: "This invite has been used already. Ask for a new one.",
  [InviteState.EXPIRED]: "This invite has expired. Ask for a new one.",
  [InviteState.REVOKED]: "This invite has been taken back. Ask for a new one.",
};

/** Serves `GET /invite?TOKEN`, where the documented Location leads. */
export function serveInvitePage(app: Hono, { inviteStore }: { inviteStore: InviteStore }): void {
  app.get("/invite", async (context) => {
    context.header("Cache-Control", "no-store");
    context.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    context.header("Referrer-Policy", "no-referrer");
    const token = new URL(context.req.url).search.slice(1);
    const invite = token === "" ? undefined : await inviteStore.findByToken(token);
    if (!invite) {
      return context.html(page("Unknown invite", "There is no such invite. Check the link."), 404);
    }
    const state = inviteState(invite);
    const isOpen = state === InviteState.PENDING || state === InviteState.UNKNOWN;
    const body = isOpen
      ? html`${SENTENCE[state]} <a href="${invite.uri}">${invite.uri}</a>${goodUntil(invite)}`
      : SENTENCE[state];
    return context.html(page(`Invite to ${invite.host}`, body), isOpen ? 200 : 410);
  });
}

function goodUntil({ expire_time }: InvitesTable): string {
  return expire_time === null ? "" : ` (good until ${new Date(expire_time).toUTCString()})`;
}

function page(title: string, body: string | ReturnType<typeof html>) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${body}</p>
</main>
</body>
</html>
`;
}
