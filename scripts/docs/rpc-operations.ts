import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Operation } from "../../src/docs/openapi-document.js";
import { commentOf, firstSentence } from "./comment.js";
import { connectErrorResponses, responseName } from "./connect-errors.js";
import type { JsonSchemas } from "./json-schema.js";
import { declaredGrant, pathOf, repeatability } from "./method.js";

/**
 * Answers the operations of a service by path. Methods with a stream are left out: Connect wraps
 * their messages in envelopes, which OpenAPI cannot say.
 */
export function rpcOperations(service: DescService, schemas: JsonSchemas): [string, Operation][] {
  return service.methods
    .filter(({ methodKind }) => methodKind === "unary")
    .map((method) => [pathOf(method), operation(method, schemas)]);
}

function operation(method: DescMethod, schemas: JsonSchemas): Operation {
  const comment = commentOf(method);
  const grant = declaredGrant(method);
  const failures = [...connectErrorResponses().keys()].map((status) => [
    String(status),
    { $ref: `#/components/responses/${responseName(status)}` },
  ]);
  return {
    operationId: `${method.parent.name}_${method.name}`,
    tags: [method.parent.name],
    summary: firstSentence(comment),
    description: `${comment}\n\nNeeds the grant \`${grant}\`. ${repeatability(method)}`,
    "x-doorman-grant": grant,
    requestBody: {
      required: true,
      content: { "application/json": { schema: schemas.add(method.input) } },
    },
    responses: {
      "200": {
        description: "The call succeeded.",
        content: { "application/json": { schema: schemas.add(method.output) } },
      },
      ...Object.fromEntries(failures),
    },
  };
}
