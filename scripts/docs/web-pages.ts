import type { JsonSchema, OpenApiDocument } from "../../src/docs/openapi-document.js";
import { failure, jsonAnswer, MALFORMED, pageAnswer, UNAVAILABLE } from "./documented-responses.js";

const common = { tags: ["Pages"], security: [] };

/** Why there is no form to be had. */
const NOT_OPEN = {
  "404": pageAnswer("There is no such invite."),
  "410": pageAnswer("The invite is redeemed, expired or revoked."),
  "429": pageAnswer("The address tried too often; Retry-After says when it may try again."),
};
/** In JSON where it is larger than any body may be. */
const FORM_TOO_LARGE = {
  "413": {
    description: "The form is larger than any that is filled in.",
    content: { ...pageAnswer("").content, ...failure("").content },
  },
};

const FORM_TOKEN: JsonSchema = { type: "string", description: "What the form carries." };
const USERNAME_FORM: JsonSchema = {
  type: "object",
  required: ["form_token", "username"],
  properties: {
    form_token: FORM_TOKEN,
    username: { type: "string", description: "The name that was typed." },
  },
};
const REDEEM_FORM: JsonSchema = {
  type: "object",
  required: ["form_token"],
  properties: {
    form_token: FORM_TOKEN,
    username: { type: "string", description: "The account's name, unless the invite presets it." },
    password: { type: "string", description: "The account's password, new or one's own." },
    repeat: { type: "string", description: "A new password again." },
    kept_password: {
      type: "string",
      description: "The password that was typed the last time, sealed by Doorman.",
    },
  },
};
const USERNAME_ANSWER: JsonSchema = {
  type: "object",
  required: ["problem", "free"],
  properties: {
    problem: { type: "string", description: "What is wrong with the name; empty when nothing is." },
    free: { type: "string", description: "That it is free; empty when it is not." },
  },
};

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
          "The token is unknown, and the address tried too many of those; Retry-After says when it may try again.",
        ),
      },
    },
  },
  "/invite/redeem": {
    get: {
      operationId: "redeem_page",
      summary: "Show the form that an invite is redeemed with",
      description:
        "Asks for what the invite's purpose needs: a name and a password for a new account, a new password, or those of one's own account. The query is the invite's token, as that of its page.",
      ...common,
      responses: {
        ...MALFORMED,
        "200": pageAnswer("The form."),
        ...NOT_OPEN,
      },
    },
    post: {
      operationId: "redeem_form",
      summary: "Redeem an invite by its form",
      description:
        "Takes what the form sends, and from no other page: `form_token` is of this invite and stands in its form alone. Programs call RedeemInvite.",
      ...common,
      requestBody: {
        required: true,
        content: { "application/x-www-form-urlencoded": { schema: REDEEM_FORM } },
      },
      responses: {
        ...MALFORMED,
        ...FORM_TOO_LARGE,
        "200": pageAnswer(
          "It is done; the page says how to log in. The same form again is answered the same for an hour.",
        ),
        "403": pageAnswer("Another page sent the form, or it is not this invite's."),
        "422": pageAnswer("The form again, with what is wrong beside each field."),
        ...NOT_OPEN,
        "500": pageAnswer("The form again: the chat server did not accept it."),
        "501": pageAnswer("The form again: the chat server lacks what it takes."),
        "503": pageAnswer("The form again: the chat server is away, or did not answer in time."),
      },
    },
  },
  "/invite/username": {
    post: {
      operationId: "check_username",
      summary: "Tell whether a name is free",
      description:
        "Is what the form's script asks while a name is typed. The query is the invite's token.",
      ...common,
      requestBody: {
        required: true,
        content: { "application/x-www-form-urlencoded": { schema: USERNAME_FORM } },
      },
      responses: {
        ...MALFORMED,
        ...FORM_TOO_LARGE,
        ...UNAVAILABLE,
        "200": {
          description: "What to tell the visitor, in their language.",
          content: { "application/json": { schema: USERNAME_ANSWER } },
        },
        "403": failure("Another page asks, or the invite's form has no name to choose."),
        ...NOT_OPEN,
      },
    },
  },
  "/invite/form.js": {
    get: {
      operationId: "form_script",
      summary: "Answer the script of the form",
      description: "The form does without it.",
      ...common,
      responses: {
        ...MALFORMED,
        "200": {
          description: "The script.",
          content: { "text/javascript": { schema: { type: "string" } } },
        },
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
