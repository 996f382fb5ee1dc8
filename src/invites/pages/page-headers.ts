import type { Context, MiddlewareHandler } from "hono";
import { languageDetector } from "hono/language";
import { secureHeaders } from "hono/secure-headers";
import { STYLE_HASH } from "./layout.js";
import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from "./translation.js";

/** Makes what gives a page its language and its headers: no other site is asked, and none learns its address. */
export function pageHeaders(): MiddlewareHandler[] {
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
        scriptSrc: ["'self'"],
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

/** Answers the language of a page that has these headers. */
export function languageOf(context: Context): Language {
  const language = LANGUAGES.get(context.get("language")) ?? LANGUAGES.get(DEFAULT_LANGUAGE);
  if (!language) throw new Error(`there is no translation ${DEFAULT_LANGUAGE}`);
  return language;
}
