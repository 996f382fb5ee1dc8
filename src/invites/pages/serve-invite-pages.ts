import type { Context, Hono, MiddlewareHandler } from "hono";
import { languageDetector } from "hono/language";
import { secureHeaders } from "hono/secure-headers";
import { InviteState } from "../../../gen/doorman/v1/invite_pb.js";
import type { InvitesTable } from "../../database/schema.js";
import { AttemptLimit } from "../../limits/attempt-limit.js";
import type { VisitorAddress } from "../../limits/visitor-address.js";
import { inviteState } from "../invite.js";
import type { InviteStore } from "../invite-store.js";
import { platformOf } from "./chat-clients.js";
import { type Closed, closedPage, tooManyPage } from "./closed-page.js";
import { landingPage } from "./landing-page.js";
import { STYLE_HASH } from "./layout.js";
import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from "./translation.js";

export interface InvitePagesDependencies {
  inviteStore: InviteStore;
  visitorAddress: VisitorAddress;
  /** Whether accounts exist in the sandbox alone, where nobody can log in. */
  isSandbox: boolean;
}

/** How many tokens that do not exist an address may try in ten minutes. */
const UNKNOWN_TOKENS = 30;
const PERIOD_SECONDS = 600;
/** Longer than the token of any server. */
const MAX_TOKEN_CHARACTERS = 256;

const CLOSED: Partial<Record<InviteState, Closed>> = {
  [InviteState.REDEEMED]: "redeemed",
  [InviteState.EXPIRED]: "expired",
  [InviteState.REVOKED]: "revoked",
};

/** Serves `GET /invite?TOKEN`, where the documented Location leads. */
export function serveInvitePages(app: Hono, dependencies: InvitePagesDependencies): void {
  const { inviteStore, visitorAddress, isSandbox } = dependencies;
  const unknownTokens = new AttemptLimit(UNKNOWN_TOKENS, PERIOD_SECONDS);

  /** Finds the invite of a token, or answers the page that says why there is none to have. */
  async function openInvite(context: Context, token: string): Promise<InvitesTable | Response> {
    const language = languageOf(context);
    const address = visitorAddress(context);
    const wait = await unknownTokens.waitSeconds(address);
    if (wait > 0) {
      context.header("Retry-After", String(wait));
      return context.html(tooManyPage(wait, language), 429);
    }
    const invite = await find(token);
    if (!invite) {
      await unknownTokens.count(address);
      return context.html(closedPage("unknown", language), 404);
    }
    const closed = CLOSED[inviteState(invite)];
    return closed === undefined ? invite : context.html(closedPage(closed, language), 410);
  }

  async function find(token: string): Promise<InvitesTable | undefined> {
    const isToken = token !== "" && token.length <= MAX_TOKEN_CHARACTERS;
    return isToken ? inviteStore.findByToken(token) : undefined;
  }

  for (const handler of pageHeaders()) app.use("/invite", handler);
  app.get("/invite", async (context) => {
    const invite = await openInvite(context, tokenIn(context.req.url));
    if (invite instanceof Response) return invite;
    const platform = platformOf(context.req.header("User-Agent") ?? "");
    const language = languageOf(context);
    return context.html(landingPage({ invite, language, platform, isSandbox }));
  });
}

/** Makes what gives every page its language and its headers: it loads nothing, and nobody learns its address. */
function pageHeaders(): MiddlewareHandler[] {
  return [
    languageDetector({
      order: ["header"],
      caches: false,
      supportedLanguages: [...LANGUAGES.keys()],
      fallbackLanguage: DEFAULT_LANGUAGE,
    }),
    async (context, next) => {
      context.header("Cache-Control", "no-store");
      context.header("Content-Language", languageOf(context).tag);
      context.header("Vary", "Accept-Language, User-Agent");
      context.header("X-Robots-Tag", "noindex, nofollow");
      await next();
    },
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: [STYLE_HASH],
        imgSrc: ["data:"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: "DENY",
      // Whether there is TLS, and for good, is the operator's to say.
      strictTransportSecurity: false,
      // Ignored without TLS, with an error on the browser's console.
      crossOriginOpenerPolicy: false,
      originAgentCluster: false,
    }),
  ];
}

function languageOf(context: Context): Language {
  const language = LANGUAGES.get(context.get("language")) ?? LANGUAGES.get(DEFAULT_LANGUAGE);
  if (!language) throw new Error(`there is no translation ${DEFAULT_LANGUAGE}`);
  return language;
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
