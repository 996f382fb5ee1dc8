import type { OpenApiDocument, Operation } from "../../src/docs/openapi-document.js";
import {
  DOCUMENTED_SCHEMAS,
  failure,
  INTERNAL,
  jsonAnswer,
  LACKS_FEATURE,
  MALFORMED,
  tooLarge,
  UNAVAILABLE,
} from "./documented-responses.js";
import { PAGE_PATHS } from "./web-pages.js";

const TAG = "Documented calls";
const KEYLESS = {};

const invitesApi: Omit<Operation, "operationId" | "summary" | "description"> = {
  tags: [TAG],
  "x-doorman-grant": "invites.create",
  security: [{ bearer: [] }, { basic: [] }, { keyInQuery: [] }],
  parameters: [
    {
      name: "redirect",
      in: "query",
      required: false,
      description: "Any value that is not empty makes the answer a redirect to the invite.",
      schema: { type: "string" },
    },
  ],
  responses: {
    "201": { description: "The invite is created.", headers: location() },
    "303": { description: "The invite is created, and `redirect` was given.", headers: location() },
    "403": failure("There is no key, it is not good, or it lacks the grant."),
    "404": failure("The key's host is not configured any more."),
    "409": failure("The chat server refused: there is such an invite already."),
    "429": failure("The chat server has reached a limit."),
    ...MALFORMED,
    ...INTERNAL,
    ...LACKS_FEATURE,
    ...UNAVAILABLE,
  },
};

const rosterAdmin: Omit<Operation, "operationId" | "summary" | "description"> = {
  tags: [TAG],
  "x-doorman-grant": "rosters.refresh",
  security: [{ bearer: [] }, { basic: [] }, KEYLESS],
  responses: {
    "200": jsonAnswer(
      "The refresh is over; `status` is `error` when nothing succeeded.",
      "RosterAdminAnswer",
    ),
    "400": failure("What was sent is no array of usernames, or a username is none."),
    "401": failure("There is no key and one is needed, or it is not good."),
    "403": failure("The key lacks the grant."),
    "404": failure("The key's host is not configured any more."),
    ...INTERNAL,
    ...UNAVAILABLE,
  },
};

/** Is everything on the port that is no RPC, written by hand: nothing describes it but the documents. */
export const documentedCalls: Pick<OpenApiDocument, "tags" | "paths"> &
  Pick<OpenApiDocument["components"], "securitySchemes" | "schemas"> = {
  tags: [
    {
      name: TAG,
      description:
        "The HTTP calls of mod_invites_api, mod_http_muc_kick and mod_http_roster_admin, as those modules document them. JSON is read whatever the content type says.",
    },
    { name: "Pages", description: "Pages, probes and this document. None of them needs a key." },
  ],
  paths: {
    "/invites_api": {
      get: {
        operationId: "invites_api_get",
        summary: "Create an account invite on the key's host, as bookmarks do",
        description:
          "Creates an invite at each call, as POST does; it is there for bookmarks and old callers. HEAD is refused.",
        ...invitesApi,
      },
      post: {
        operationId: "invites_api_post",
        summary: "Create an account invite on the key's host",
        description: "Creates an invite with the configured lifetime. The body is not read.",
        ...invitesApi,
      },
      options: {
        operationId: "invites_api_options",
        tags: [TAG],
        summary: "Answer a browser's CORS preflight",
        description: "Any web page may call /invites_api with a key.",
        security: [],
        responses: {
          "200": {
            description: "What a web page may send.",
            headers: {
              "Access-Control-Allow-Origin": {
                description: "Always `*`.",
                schema: { type: "string" },
              },
            },
          },
          ...MALFORMED,
        },
      },
    },
    "/muc_kick": {
      post: {
        operationId: "muc_kick",
        tags: [TAG],
        summary: "Kick an occupant out of a room",
        description:
          "An OK means that the occupant has left. Takes a key, or the literal `authorization_header` of the configuration.",
        "x-doorman-grant": "rooms.kick",
        security: [{ bearer: [] }, { basic: [] }, { mucKickHeader: [] }],
        requestBody: {
          required: true,
          content: {
            "application/json": { schema: { $ref: "#/components/schemas/MucKickRequest" } },
          },
        },
        responses: {
          "200": { description: "The occupant has left. The body is empty." },
          "400": failure("The body is wrong, or the chat server refused: `Couldn't kick user: …`."),
          "401": failure("`Authorization failed`."),
          "403": failure("The key lacks the grant, or is good for another host."),
          "404": failure("`MUC not found: …`: no such host, no MUC service, or no such room."),
          "409": failure("The chat server said yes, but the occupant is still there."),
          ...tooLarge("16 KiB"),
          ...INTERNAL,
          ...LACKS_FEATURE,
          ...UNAVAILABLE,
        },
      },
    },
    "/roster_admin/refresh": {
      post: {
        operationId: "roster_admin_refresh",
        summary: "Refresh the rosters of some users from the contacts app",
        description:
          "One user's failure does not stop the others. Needs no key from the addresses in `roster_admin.allow_without_key_from`, when no proxy or web page stands in between, by its headers or by a foreign Host.",
        ...rosterAdmin,
        requestBody: {
          required: true,
          content: {
            "application/json": { schema: { $ref: "#/components/schemas/RosterAdminUsernames" } },
          },
        },
        responses: { ...rosterAdmin.responses, ...tooLarge("1 MiB") },
      },
    },
    "/roster_admin/refresh/{username}": {
      get: {
        operationId: "roster_admin_refresh_user",
        summary: "Refresh the roster of one user from the contacts app",
        description: "Does what POST does, for one user. HEAD is refused.",
        ...rosterAdmin,
        parameters: [
          {
            name: "username",
            in: "path",
            required: true,
            description: "The user's name, the part of the JID before the `@`.",
            schema: { type: "string" },
          },
        ],
      },
    },
    ...PAGE_PATHS,
  },
  securitySchemes: {
    keyInQuery: {
      type: "apiKey",
      in: "query",
      name: "key",
      description: "A key, `ID/TOKEN`; read only where there is no Authorization header.",
    },
    mucKickHeader: {
      type: "apiKey",
      in: "header",
      name: "Authorization",
      description: "The literal value of `muc_kick.authorization_header` in the configuration.",
    },
  },
  schemas: DOCUMENTED_SCHEMAS,
};

function location() {
  return {
    Location: {
      description: "The page of the invite: the server's own, or Doorman's.",
      schema: { type: "string" as const },
    },
  };
}
