import { type BadInput, type Expected, http } from "./bad-input.js";
import { USER } from "./stage.js";

export const GET_ROSTER = "/doorman.v1.RosterService/GetRoster";
/** What would empty john's roster, were what is wrong with it passed over. */
export const REPLACE_ROSTER = "/doorman.v1.RosterService/ReplaceRoster";
export const RIGHT_BODY = JSON.stringify({ userJid: USER });
/** One byte more than a body may have. */
export const LARGE = 1024 * 1024 + 1;

/** Posts with a good key and Connect's JSON, unless the headers say otherwise. */
export function postRpc(
  name: string,
  path: string,
  body: string | Uint8Array,
  expected: Expected,
  headers: Record<string, string> = {},
): BadInput {
  return http(
    name,
    path,
    ({ key }) => ({
      method: "POST",
      headers: {
        Authorization: `Bearer ${key}`,
        "Content-Type": "application/json",
        ...headers,
      },
      body,
    }),
    expected,
  );
}

/** A body in pieces, without a length. */
export function chunks(bytes: number): ReadableStream {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, 65_536);
      if (size === 0) return controller.close();
      left -= size;
      controller.enqueue(new Uint8Array(size).fill(0x20));
    },
  });
}
