import {
  type JsonSchema,
  type OpenApiDocument,
  resolveReference,
} from "../../../src/docs/openapi-document.js";

/**
 * Answers where a value departs from a schema; nothing when it keeps to it. Stricter than JSON
 * Schema: a property that the schema does not name is a fault, as is a keyword that is not known here.
 */
export function schemaFaults(
  document: OpenApiDocument,
  schema: JsonSchema,
  value: unknown,
  where = "the body",
): string[] {
  const { $ref, type, enum: values, pattern, format, items, ...rest } = schema;
  const {
    properties,
    required,
    additionalProperties,
    description: _,
    examples: __,
    ...others
  } = rest;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`schemaFaults does not know ${unknown}`);
  if ($ref !== undefined) {
    return schemaFaults(document, resolveReference(document, $ref), value, where);
  }
  if (type === undefined) return [];
  if (!TYPES[type](value)) return [`${where} is no ${type}: ${brief(value)}`];
  if (typeof value === "string") return stringFaults({ values, pattern, format }, value, where);
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      schemaFaults(document, items ?? {}, item, `${where}[${index}]`),
    );
  }
  if (typeof value !== "object" || value === null) return [];
  const missing = (required ?? []).filter((name) => !Object.hasOwn(value, name));
  return [
    ...missing.map((name) => `${where} has no ${name}`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
      const of = known ?? additionalProperties;
      if (of === undefined) return [`${where} has ${name}, which is not documented`];
      return schemaFaults(document, of, member, `${where}.${name}`);
    }),
  ];
}

const TYPES: Record<NonNullable<JsonSchema["type"]>, (value: unknown) => boolean> = {
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === "string",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
};

interface StringKeywords {
  values: string[] | undefined;
  pattern: string | undefined;
  format: string | undefined;
}

function stringFaults({ values, pattern, format }: StringKeywords, value: string, where: string) {
  const faults = [
    values && !values.includes(value) && "is none of the documented values",
    pattern !== undefined && !new RegExp(pattern, "u").test(value) && `does not match ${pattern}`,
    format === "date-time" && !/^\d{4}-\d\d-\d\dT.*Z$/.test(value) && "is no date-time",
  ];
  return faults
    .filter((fault) => typeof fault === "string")
    .map((fault) => `${where} ${fault}: ${brief(value)}`);
}

function brief(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? "nothing";
}
