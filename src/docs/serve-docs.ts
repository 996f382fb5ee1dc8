import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import { DOCS_STYLE } from "./docs-style.js";

/** The package's root is as far from dist/src/docs in a clone as in an installed package. */
const DOCUMENT_FILE = new URL("../../../gen/openapi.json", import.meta.url);
const STYLE_PATH = "/docs/style.css";

/** The page loads its style and nothing else. */
const HEADERS = {
  "Cache-Control": "no-cache",
  "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/**
 * Serves /openapi.json and, for people, /docs, which the root leads to. Reads the document once, at start, and
 * writes the page when it is first asked for.
 */
export function serveDocs(app: Hono): void {
  const json = readFileSync(DOCUMENT_FILE, "utf8");
  let page: Promise<string> | undefined;

  app.get("/", (context) =>
    // The text is for curl, which does not follow by itself.
    context.text("The documentation is at /docs\n", 302, { ...HEADERS, Location: "/docs" }),
  );
  app.get("/openapi.json", (context) =>
    context.body(json, 200, { ...HEADERS, "Content-Type": "application/json" }),
  );
  app.get("/docs", async (context) => {
    page ??= writePage(json);
    return context.html(await page, 200, HEADERS);
  });
  app.get(STYLE_PATH, (context) =>
    context.body(DOCS_STYLE, 200, {
      ...HEADERS,
      "Content-Type": "text/css; charset=utf-8",
    }),
  );
}

async function writePage(json: string): Promise<string> {
  const { docsPage } = await import("./docs-page.js");
  return docsPage(JSON.parse(json), STYLE_PATH);
}
