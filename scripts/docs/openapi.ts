import { ErrorDetailSchema } from "../../gen/doorman/v1/error_pb.js";
import type { OpenApiDocument } from "../../src/docs/openapi-document.js";
import { commentOf } from "./comment.js";
import { CONNECT_ERROR_SCHEMAS, connectErrorResponses, responseName } from "./connect-errors.js";
import { documentedCalls } from "./documented-calls.js";
import { JsonSchemas } from "./json-schema.js";
import type { Contract } from "./read-contract.js";
import { rpcOperations } from "./rpc-operations.js";

const DESCRIPTION = `\
The admin service in front of an XMPP server: invites, kicks, rosters and hats. This is its JSON form: \
every RPC of the contract as Connect's JSON, and the documented calls of the Prosody modules that \
Doorman stands in for. The same RPCs are served over gRPC, gRPC-Web and Connect's binary form on the \
same port. Methods that answer with a stream are not in here, since Connect wraps its messages in \
envelopes; docs/api.md has them.

Messages are ProtoJSON: fields that have their default value (empty, 0, false) are left out of answers \
and may be left out of requests, null is the same as absent, requests may also spell a field as in the \
contract (\`room_jid\`), and a field that is not known is refused. A call may carry \
\`Connect-Timeout-Ms\`, after which it fails with \`deadline_exceeded\`. A body has at most 1 MiB.

When the chat server itself refuses, the reason is \`SERVER_REFUSED\`, the detail's \`stanza\` has the \
server's condition, and the code is the one that comes closest to it.`;

/** Makes the OpenAPI document of Doorman's JSON form. */
export function openApiDocument(contract: Contract, version: string): OpenApiDocument {
  const schemas = new JsonSchemas();
  const rpcs = contract.services.flatMap((service) => rpcOperations(service, schemas));
  for (const [path] of rpcs) {
    if (Object.hasOwn(documentedCalls.paths, path)) throw new Error(`${path} is there twice`);
  }
  // What errors are made of, which no method answers by itself.
  const errorDetail = contract.messages.find(
    ({ typeName }) => typeName === ErrorDetailSchema.typeName,
  );
  if (errorDetail) schemas.add(errorDetail);
  const failures = [...connectErrorResponses()].map(([status, response]) => [
    responseName(status),
    response,
  ]);
  return {
    openapi: "3.1.0",
    info: {
      title: "Doorman",
      version,
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The Doorman that serves this document." }],
    security: [{ bearer: [] }, { basic: [] }],
    tags: [
      ...documentedCalls.tags,
      ...contract.services.map((service) => ({
        name: service.name,
        description: commentOf(service),
      })),
    ],
    paths: {
      ...documentedCalls.paths,
      ...Object.fromEntries(rpcs.map(([path, operation]) => [path, { post: operation }])),
    },
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "A key as `doorman keys create` prints it, `ID/TOKEN`.",
        },
        basic: {
          type: "http",
          scheme: "basic",
          description: "The key's id as user, its token as password.",
        },
        ...documentedCalls.securitySchemes,
      },
      responses: Object.fromEntries(failures),
      schemas: { ...documentedCalls.schemas, ...CONNECT_ERROR_SCHEMAS, ...schemas.byName },
    },
  };
}
