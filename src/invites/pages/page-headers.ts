import type { Context, MiddlewareHandler } from "hono";
import { languageDetector } from "hono/language";
import { secureHeaders } from "hono/secure-headers";
import { platformOf } from "./chat-clients.js";
import { type Site, STYLE_HASH, type Visit } from "./layout.js";
import { TIME_SCRIPT_HASH } from "./scripts.js";
import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from "./translation.js";

declare module "hono" {
  interface ContextVariableMap {
    visit: Visit;
  }
}

/** Returns the middleware of all pages: the visit, and headers that keep the page's address from other sites. */
export function pageHeaders(site: Site): MiddlewareHandler[] {
  return [
    languageDetector({
      order: ["header"],
      caches: false,
      supportedLanguages: [...LANGUAGES.keys()],
      fallbackLanguage: DEFAULT_LANGUAGE,
    }),
    async (context, next) => {
      const language = languageOf(context);
      const platform = platformOf(context.req.header("User-Agent"));
      context.set("visit", { ...site, language, platform });
      context.header("Cache-Control", "no-store");
      context.header("Content-Language", language.tag);
      context.header("Vary", "Accept-Language, User-Agent");
      context.header("X-Robots-Tag", "noindex, nofollow");
      await next();
    },
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: [STYLE_HASH],
        scriptSrc: ["'self'", TIME_SCRIPT_HASH],
        connectSrc: ["'self'"],
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

/** Returns what a page of this request is made for. */
export function visitOf(context: Context): Visit {
  return context.get("visit");
}

function languageOf(context: Context): Language {
  const language = LANGUAGES.get(context.get("language")) ?? LANGUAGES.get(DEFAULT_LANGUAGE);
  if (!language) throw new Error(`there is no translation ${DEFAULT_LANGUAGE}`);
  return language;
}
