import type { OpenApiDocument } from "../../src/docs/openapi-document.js";
import { jsonAnswer, MALFORMED, pageAnswer } from "./documented-responses.js";

const common = { tags: ["Pages"], security: [] };

/** Are the pages and probes, which need no key. */
export const PAGE_PATHS: OpenApiDocument["paths"] = {
  "/invite": {
    get: {
      operationId: "invite_page",
      summary: "Show the page of an invite",
      description:
        "Is where the Location of an invite leads. The query is the invite's token and nothing else, `/invite?TOKEN`.",
      ...common,
      responses: {
        ...MALFORMED,
        "200": pageAnswer("The invite can be redeemed."),
        "404": pageAnswer("There is no such invite."),
        "410": pageAnswer("The invite is redeemed, expired or revoked."),
        "429": pageAnswer(
          "The address tried too many tokens that do not exist; Retry-After says for how long.",
        ),
      },
    },
  },
  "/healthz": {
    get: {
      operationId: "healthz",
      summary: "Tell whether Doorman runs",
      description: "Says nothing of the chat server.",
      ...common,
      responses: { ...MALFORMED, "200": jsonAnswer("Doorman runs.", "Health") },
    },
  },
  "/readyz": {
    get: {
      operationId: "readyz",
      summary: "Tell whether Doorman is connected to the chat server",
      description: "A load balancer asks this.",
      ...common,
      responses: {
        ...MALFORMED,
        "200": jsonAnswer("Doorman is connected.", "Health"),
        "503": jsonAnswer("Doorman is not connected; `reason` says why.", "Health"),
      },
    },
  },
  "/openapi.json": {
    get: {
      operationId: "openapi_document",
      summary: "Answer this document",
      description: "Is the same whoever asks.",
      ...common,
      responses: {
        ...MALFORMED,
        "200": {
          description: "The document.",
          content: { "application/json": { schema: { type: "object", additionalProperties: {} } } },
        },
      },
    },
  },
  "/docs": {
    get: {
      operationId: "docs_page",
      summary: "Show this document as a page",
      description: "Needs no script.",
      ...common,
      responses: { ...MALFORMED, "200": pageAnswer("The page.") },
    },
  },
};
