import { type BadInput, type Expected, http } from "./bad-input.js";
import type { Stage } from "./stage.js";

export const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

/** POSTs a body to a documented call with a good key, or with the headers given. */
export function postCall(
  name: string,
  path: string,
  body: unknown,
  expected: Expected,
  headers?: Record<string, string> | ((stage: Stage) => Record<string, string>),
): BadInput {
  return http(
    `${path} with ${name}`,
    path,
    (stage) => ({
      method: "POST",
      headers: typeof headers === "function" ? headers(stage) : (headers ?? bearer(stage.key)),
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
    expected,
  );
}

/** GETs a path with a good key. */
export function getCall(
  name: string,
  path: string | ((stage: Stage) => string),
  expected: Expected,
) {
  return http(name, path, ({ key }) => ({ headers: bearer(key) }), expected);
}
