import fc from "fast-check";
import type { Operation, Parameter } from "../../../src/docs/openapi-document.js";
import { hostileValue, nearlyValidValue, type Source, validValue } from "./generated-values.js";

/** Is a request to one operation, without its credentials. */
export interface GeneratedRequest {
  /** With the query. */
  path: string;
  contentType: string;
  /** Absent where the operation takes none. */
  body: string | undefined;
}

/** Makes requests to an operation: valid ones, ones that are wrong in one place, and hostile ones. */
export function generatedRequest(
  source: Source,
  path: string,
  operation: Operation,
): fc.Arbitrary<GeneratedRequest> {
  return fc.record({
    path: fc
      .tuple(pathOf(path, operation.parameters ?? []), queryOf(operation.parameters ?? []))
      .map(([filled, query]) => (query === "" ? filled : `${filled}?${query}`)),
    contentType: fc.oneof(
      { arbitrary: fc.constant("application/json"), weight: 20 },
      fc.constantFrom("text/plain", "application/x-www-form-urlencoded", "a", "application/xml"),
    ),
    body: bodyOf(source, operation),
  });
}

function pathOf(path: string, parameters: Parameter[]): fc.Arbitrary<string> {
  const parameter = parameters.find((one) => one.in === "path");
  if (parameter === undefined) return fc.constant(path);
  const value = fc.oneof(
    fc.constantFrom("john", "aaron", "nobody"),
    fc.string({ unit: "binary", minLength: 1 }).map(encodeURIComponent),
    fc.constantFrom("%", "%zz", "%00", "%ff", "a%2Fb", "..", "%2e%2e", "x".repeat(5_000)),
  );
  return value.map((text) => path.replace(`{${parameter.name}}`, text));
}

function queryOf(parameters: Parameter[]): fc.Arbitrary<string> {
  const names = parameters.filter((one) => one.in === "query").map(({ name }) => name);
  const name = fc.constantFrom(...names, "key", "redirect", "x");
  const value = fc.oneof(fc.constantFrom("true", "", "%", "%ff"), fc.webQueryParameters());
  const pair = fc.tuple(name, value).map(([left, right]) => `${left}=${right}`);
  return fc.oneof(
    { arbitrary: fc.constant(""), weight: 3 },
    fc.array(pair, { maxLength: 3 }).map((pairs) => pairs.join("&")),
    fc.webQueryParameters(),
  );
}

function bodyOf(source: Source, { requestBody }: Operation): fc.Arbitrary<string | undefined> {
  if (requestBody?.content["application/x-www-form-urlencoded"] !== undefined) {
    return fc.oneof(
      fc.webQueryParameters(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("%", "form_token=%ff&username=%00", `username=${"x".repeat(20_000)}`),
    );
  }
  const schema = requestBody?.content["application/json"]?.schema;
  if (schema === undefined) return fc.constant(undefined);
  return fc.oneof(
    { arbitrary: validValue(source, schema).map(toJson), weight: 12 },
    { arbitrary: nearlyValidValue(source, schema).map(toJson), weight: 8 },
    { arbitrary: hostileValue.map(toJson), weight: 2 },
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "",
      "{",
      "null",
      "\ufeff{}",
      '{"a":1e999}',
      '{"roomJid":"a@b","roomJid":"c@d","room_jid":"e@f"}',
      "[".repeat(100_000),
      '{"userJid":'.repeat(10_000),
      `"${"x".repeat(1_100_000)}"`,
    ),
  );
}

function toJson(value: unknown): string {
  return JSON.stringify(value);
}
