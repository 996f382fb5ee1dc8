import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { JsonSchema } from "../../src/docs/openapi-document.js";
import { commentOf } from "./comment.js";
import { isSecret } from "./method.js";

/** Gathers the schemas of messages and enums in ProtoJSON, with all that they refer to. */
export class JsonSchemas {
  /** By the name of the message or enum. */
  readonly byName: Record<string, JsonSchema> = {};
  private readonly added = new Map<string, string>();

  /** Adds what is not there yet and answers a reference to it. */
  add(type: DescMessage | DescEnum): JsonSchema {
    const other = this.added.get(type.name);
    if (other === undefined) {
      this.added.set(type.name, type.typeName);
      // Takes its place first, for messages that refer to themselves.
      this.byName[type.name] = {};
      this.byName[type.name] = type.kind === "enum" ? enumSchema(type) : this.messageSchema(type);
    } else if (other !== type.typeName) {
      throw new Error(`${other} and ${type.typeName} would share the schema ${type.name}`);
    }
    return { $ref: `#/components/schemas/${type.name}` };
  }

  private messageSchema(message: DescMessage): JsonSchema {
    const required = message.fields.filter(isRequired).map(({ jsonName }) => jsonName);
    return {
      type: "object",
      ...describe(commentOf(message)),
      ...(message.fields.length > 0 && {
        properties: Object.fromEntries(
          message.fields.map((field) => [field.jsonName, this.fieldSchema(field)]),
        ),
      }),
      ...(required.length > 0 && { required }),
    };
  }

  private fieldSchema(field: DescField): JsonSchema {
    const description = describe(fieldDescription(field, "jsonName"));
    switch (field.fieldKind) {
      case "list":
        return { type: "array", ...description, items: this.singular(field, field.listKind) };
      case "map":
        return {
          type: "object",
          ...description,
          additionalProperties: this.singular(field, field.mapKind),
        };
      default:
        return { ...this.singular(field, field.fieldKind), ...description };
    }
  }

  /** Answers the schema of one value of a field, that of a list's item or a map's value too. */
  private singular(field: DescField, kind: "message" | "enum" | "scalar"): JsonSchema {
    if (kind === "enum" && field.enum) return this.add(field.enum);
    if (kind === "message" && field.message) {
      return wellKnownSchema(field.message) ?? this.add(field.message);
    }
    if (field.scalar !== undefined) return scalarSchema(field.scalar, field);
    throw new Error(`${field} has no type`);
  }
}

/**
 * Answers a field's comment, and what the contract's options and its oneof say about it; what the
 * oneof is for stands at its first field.
 * @param spelling how fields are named where the description stands
 */
export function fieldDescription(field: DescField, spelling: "name" | "jsonName"): string {
  const others = field.oneof?.fields.filter((other) => other !== field) ?? [];
  return [
    field.oneof?.fields[0] === field && commentOf(field.oneof),
    commentOf(field),
    isSecret(field) && "A secret: never logged.",
    others.length > 0 &&
      `At most one of this and ${others.map((other) => `\`${other[spelling]}\``).join(", ")} is given.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** Whether a request must have a field: the comments say so at their end. */
function isRequired(field: DescField): boolean {
  return commentOf(field).endsWith("Required.");
}

function enumSchema(desc: DescEnum): JsonSchema {
  const values = desc.values.map((value) => `- \`${value.name}\`: ${commentOf(value)}`);
  return {
    type: "string",
    description: `${commentOf(desc)}\n\n${values.join("\n")}`,
    enum: desc.values.map(({ name }) => name),
  };
}

/** Answers the schema of those well-known messages that ProtoJSON writes as strings. */
function wellKnownSchema(message: DescMessage): JsonSchema | undefined {
  switch (message.typeName) {
    case "google.protobuf.Timestamp":
      return { type: "string", format: "date-time", examples: ["2030-01-31T12:00:00Z"] };
    case "google.protobuf.Duration":
      return {
        type: "string",
        pattern: "^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$",
        examples: ["86400s"],
      };
    default:
      return undefined;
  }
}

function scalarSchema(scalar: ScalarType, field: DescField): JsonSchema {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: "string" };
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.INT32:
      return { type: "integer", format: "int32" };
    default:
      throw new Error(`${field}: say here how ProtoJSON writes ${ScalarType[scalar]}`);
  }
}

function describe(description: string): { description?: string } {
  return description === "" ? {} : { description };
}
