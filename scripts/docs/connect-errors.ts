import { STATUS_CODES } from "node:http";
import { Code } from "@connectrpc/connect";
import { codeToHttpStatus, codeToString } from "@connectrpc/connect/protocol-connect";
import { ErrorDetailSchema, ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import type { JsonSchema, ResponseObject } from "../../src/docs/openapi-document.js";
import { codeOfError } from "../../src/errors/code-of-error.js";
import { DoormanError } from "../../src/errors/doorman-error.js";

/** Are the failures that no reason of Doorman's own leads to. */
const OTHER_FAILURES: [status: number, text: string][] = [
  [415, "The content type is none that an RPC can have."],
  [
    429,
    "`resource_exhausted`: the body is larger than 1 MiB, or the chat server has reached a limit (`SERVER_REFUSED`).",
  ],
];

/** Are the schemas of an error as Connect writes it in JSON. */
export const CONNECT_ERROR_SCHEMAS: Record<string, JsonSchema> = {
  ConnectError: {
    type: "object",
    description: "An error of an RPC. Switch on the `reason` of its detail, never on the message.",
    required: ["code"],
    properties: {
      code: {
        type: "string",
        description: "The status code, as the Connect protocol spells it.",
        enum: allCodes().map(codeToString),
      },
      message: { type: "string", description: "The error in words, with what to do about it." },
      details: {
        type: "array",
        description: "The typed detail of the error; one at the most.",
        items: { $ref: "#/components/schemas/ConnectErrorDetail" },
      },
    },
  },
  ConnectErrorDetail: {
    type: "object",
    description: "A typed detail of an error.",
    required: ["type", "value"],
    properties: {
      type: {
        type: "string",
        description: "The message type of the detail.",
        enum: [ErrorDetailSchema.typeName],
      },
      value: {
        type: "string",
        description: "The detail in protobuf's binary form, in base64 without padding.",
        pattern: "^[A-Za-z0-9+/]*$",
      },
      debug: {
        $ref: "#/components/schemas/ErrorDetail",
        description: "The same detail in JSON, for people.",
      },
    },
  },
};

/** Are the failures that any RPC may answer, by status: the codes and the reasons of each. */
export function connectErrorResponses(): Map<number, ResponseObject> {
  const lines = new Map<number, string[]>();
  for (const code of allCodes()) {
    const reasons = reasonsOf(code);
    if (reasons.length === 0) continue;
    const line = `\`${codeToString(code)}\`: ${reasons.map((name) => `\`${name}\``).join(", ")}.`;
    const status = codeToHttpStatus(code);
    lines.set(status, [...(lines.get(status) ?? []), line]);
  }
  for (const [status, text] of OTHER_FAILURES) lines.set(status, [text]);
  const responses = [...lines].map(([status, texts]): [number, ResponseObject] => [
    status,
    {
      description: texts.join(" "),
      content: { "application/json": { schema: { $ref: "#/components/schemas/ConnectError" } } },
    },
  ]);
  return new Map(responses.sort(([one], [other]) => one - other));
}

/** Answers the name of a status among the document's components, such as `NotFound`. */
export function responseName(status: number): string {
  return (STATUS_CODES[status] ?? String(status)).replace(/\W/g, "");
}

function reasonsOf(code: Code): string[] {
  return Object.values(ErrorReason)
    .filter((reason) => typeof reason === "number")
    .filter((reason) => reason !== ErrorReason.UNSPECIFIED)
    .filter((reason) => codeOfError(new DoormanError(reason, "")) === code)
    .map((reason) => ErrorReason[reason]);
}

function allCodes(): Code[] {
  return Object.values(Code).filter((code): code is Code => typeof code === "number");
}
