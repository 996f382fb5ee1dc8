import type { Context } from "hono";
import { InviteState } from "../../../gen/doorman/v1/invite_pb.js";
import type { InvitesTable } from "../../database/schema.js";
import { AttemptLimit } from "../../limits/attempt-limit.js";
import type { VisitorAddress } from "../../limits/visitor-address.js";
import { recordIn } from "../../log/request-record.js";
import { inviteState } from "../invite.js";
import type { InviteStore } from "../invite-store.js";
import { MAX_TOKEN_CHARACTERS } from "../invite-token.js";
import type { ServerInvites } from "../server-invites.js";
import { type Closed, closedPage, staleFormPage, tooManyPage } from "./closed-page.js";
import { visitOf } from "./page-headers.js";

/** How many unknown tokens one address may try in ten minutes. A token has 144 random bits: this only saves work. */
const UNKNOWN_TOKENS = 30;
const PERIOD_SECONDS = 600;

const CLOSED: Partial<Record<InviteState, Closed>> = {
  [InviteState.REDEEMED]: "redeemed",
  [InviteState.EXPIRED]: "expired",
  [InviteState.REVOKED]: "revoked",
};

/** Is an invite, and the token that the visitor has; the database does not keep the token of each. */
export interface Found {
  invite: InvitesTable;
  token: string;
}

/**
 * Finds the invite of a visitor's link. The token is looked up first, and only unknown tokens count against
 * an address: one visitor with wrong links cannot shut out others behind the same NAT.
 */
export class InviteFinder {
  readonly #unknownTokens = new AttemptLimit(UNKNOWN_TOKENS, PERIOD_SECONDS);

  constructor(
    private readonly inviteStore: InviteStore,
    private readonly serverInvites: ServerInvites,
    private readonly visitorAddress: VisitorAddress,
  ) {}

  /** Returns the invite of a request's link in whatever state, or the page that says that it is unknown. */
  async find(context: Context): Promise<Found | Response> {
    // Also tells of a proxy that is not trusted, so not only for unknown tokens.
    const address = this.visitorAddress(context);
    const token = tokenIn(context.req.url);
    const isToken = token !== "" && token.length <= MAX_TOKEN_CHARACTERS;
    const invite = isToken ? await this.inviteStore.findByToken(token) : undefined;
    if (invite) {
      recordIn(context).isAbout({ invite: invite.id });
      return { invite, token };
    }
    const wait = this.#unknownTokens.count(address);
    return wait > 0 ? tooMany(context, wait) : closed(context, "unknown");
  }

  /** Finds the invite of a request's link, or answers the page that says why it cannot be redeemed. */
  async findOpen(context: Context): Promise<Found | Response> {
    const found = await this.find(context);
    if (found instanceof Response) return found;
    const invite = await this.serverInvites.current(found.invite);
    const why = closedBecause(invite);
    return why === undefined ? { ...found, invite } : closed(context, why);
  }
}

/** Answers why an invite cannot be redeemed; undefined when it can. */
export function closedBecause(invite: InvitesTable): Closed | undefined {
  return CLOSED[inviteState(invite)];
}

/** Answers that an address tried too often. */
export function tooMany(context: Context, waitSeconds: number): Response | Promise<Response> {
  context.header("Retry-After", String(waitSeconds));
  return context.html(tooManyPage(waitSeconds, visitOf(context)), 429);
}

/** Answers that an address knows other methods. @param allowed its methods, for the header Allow */
export function wrongMethod(context: Context, allowed: string): Response | Promise<Response> {
  return context.html(staleFormPage(visitOf(context)), 405, { Allow: allowed });
}

/** Answers the page that says why an invite cannot be redeemed. */
export function closed(context: Context, why: Closed): Response | Promise<Response> {
  return context.html(closedPage(why, visitOf(context)), why === "unknown" ? 404 : 410);
}

/** Reads `?TOKEN` also where what sent the link has put more behind it, such as = or &utm_source=mail. */
function tokenIn(url: string): string {
  const [first = ""] = new URL(url).search.slice(1).split("&", 1);
  const token = first.replace(/=$/, "");
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
