import type { JsonSchema, ResponseObject } from "../../src/docs/openapi-document.js";

/** Describes an answer with a JSON body of one of the document's schemas. */
export function jsonAnswer(description: string, schemaName: string): ResponseObject {
  const schema: JsonSchema = { $ref: `#/components/schemas/${schemaName}` };
  return { description, content: { "application/json": { schema } } };
}

/** Describes a failure of a documented call. */
export function failure(description: string): ResponseObject {
  return jsonAnswer(description, "DocumentedError");
}

/** Describes an answer that is a page to read. */
export function pageAnswer(description: string): ResponseObject {
  return { description, content: { "text/html": { schema: { type: "string" } } } };
}

/** Are failures by status, for the calls that may end with them. */
export const MALFORMED = {
  "400": failure("The request is malformed, such as one whose Host header is no host."),
};
export const tooLarge = (limit: string) => ({
  "413": failure(`The body is larger than ${limit}.`),
});
export const INTERNAL = { "500": failure("A fault in Doorman or in the chat server.") };
export const LACKS_FEATURE = {
  "501": failure("The chat server lacks a module or command that the call needs."),
};
export const UNAVAILABLE = {
  "503": failure("Doorman is not connected to the chat server, or it did not answer in time."),
};

/** Are the schemas that documented calls use. */
export const DOCUMENTED_SCHEMAS: Record<string, JsonSchema> = {
  DocumentedError: {
    type: "object",
    description: "A failure of a documented call.",
    required: ["error"],
    properties: { error: { type: "string", description: "What went wrong, in words." } },
  },
  MucKickRequest: {
    type: "object",
    description: "Whom to kick, and where.",
    required: ["nickname", "muc"],
    properties: {
      nickname: { type: "string", description: "The occupant's nickname." },
      muc: { type: "string", description: "The room's bare JID." },
      reason: { type: "string", description: "Why, in words for the occupant and the room." },
    },
  },
  RosterAdminUsernames: {
    type: "array",
    description: "The users' names, the part of their JID before the `@`; at most 10,000.",
    items: { type: "string" },
  },
  RosterAdminAnswer: {
    type: "object",
    description: "What became of a refresh.",
    required: ["status", "message"],
    properties: {
      status: {
        type: "string",
        description: "`error` when nothing succeeded.",
        enum: ["ok", "error"],
      },
      message: { type: "string", description: "What happened, in words." },
      updated: {
        type: "integer",
        description: "How many rosters are now as the contacts app has them. Not told of one user.",
      },
      errors: {
        type: "integer",
        description: "How many rosters failed to update. Not told of one user.",
      },
    },
  },
  Health: {
    type: "object",
    description: "Whether Doorman runs, or whether it is ready.",
    required: ["status"],
    properties: {
      status: {
        type: "string",
        description: "`ok` of /healthz; `ready` or `unavailable` of /readyz.",
        enum: ["ok", "ready", "unavailable"],
      },
      reason: { type: "string", description: "Why Doorman is unavailable." },
    },
  },
};
