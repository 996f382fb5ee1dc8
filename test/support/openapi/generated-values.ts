import fc from "fast-check";
import {
  type JsonSchema,
  type OpenApiDocument,
  resolveReference,
} from "../../../src/docs/openapi-document.js";

/** Is what values are generated from. */
export interface Source {
  document: OpenApiDocument;
  /** By field: texts that mean something to the server, so that requests get past its first checks. */
  meaningful: Readonly<Record<string, readonly string[]>>;
}

/** Makes values that keep to a schema. */
export function validValue(source: Source, schema: JsonSchema, name = ""): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    return validValue(source, resolveReference(source.document, schema.$ref), name);
  }
  switch (schema.type) {
    case "object":
      return schema.additionalProperties
        ? fc.dictionary(text(source, name), validValue(source, schema.additionalProperties), {
            maxKeys: 4,
          })
        : objectOf(source, schema);
    case "array":
      return fc.array(validValue(source, schema.items ?? {}, name), { maxLength: 5 });
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.oneof({ arbitrary: fc.nat(5), weight: 4 }, fc.integer());
    default:
      return validText(source, schema, name);
  }
}

function objectOf(source: Source, schema: JsonSchema): fc.Arbitrary<unknown> {
  const { properties = {}, required = [] } = schema;
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      validValue(source, property, name),
    ]),
  );
  return fc.record<Record<string, unknown>>(members, { requiredKeys: required });
}

function validText(source: Source, schema: JsonSchema, name: string): fc.Arbitrary<string> {
  if (schema.enum) {
    const any = fc.constantFrom(...schema.enum);
    return source.meaningful[name] ? text(source, name, any) : any;
  }
  if (schema.pattern !== undefined) {
    return text(source, name, fc.stringMatching(new RegExp(schema.pattern, "u")));
  }
  if (schema.format === "date-time") {
    const dates = fc.date({ noInvalidDate: true });
    return text(
      source,
      name,
      dates.map((date) => date.toISOString()),
    );
  }
  return text(source, name);
}

function text(
  { meaningful }: Source,
  name: string,
  others = fc.string({ unit: "binary", maxLength: 40 }),
): fc.Arbitrary<string> {
  return fc.oneof({ arbitrary: fc.constantFrom(...(meaningful[name] ?? [""])), weight: 8 }, others);
}

/** Makes values for a place where something else is expected. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    null,
    "",
    "\0",
    "\ud800",
    "\ufffe",
    "__proto__",
    "%s%n",
    "a/b@c/d",
    "x".repeat(70_000),
    "@".repeat(1_024),
    `${"é".repeat(512)}@example.com`,
    "-1s",
    "1e9",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    -1,
    1.5,
    2 ** 31,
    -(2 ** 31),
    2 ** 53,
    1e300,
    [[]],
    JSON.parse('{"__proto__": {"a": 1}}'),
    JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`),
  ),
);

/** Makes values that are valid but for one place. */
export function nearlyValidValue(source: Source, schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc
    .tuple(validValue(source, schema), fc.nat(), hostileValue, fc.string())
    .map(([value, place, hostile, name]) => {
      const places = placesIn(value);
      const chosen = places[place % (places.length + 1)];
      if (chosen) return replaced(value, chosen, hostile);
      return typeof value === "object" ? { ...value, [name]: hostile } : hostile;
    });
}

type Place = (string | number)[];

function placesIn(value: unknown, above: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const place = [...above, Array.isArray(value) ? Number(key) : key];
    return [place, ...placesIn(member, place)];
  });
}

function replaced(value: unknown, [key, ...below]: Place, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.with(Number(key), replaced(value[Number(key)], below, by));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: replaced(object[key], below, by) };
}
