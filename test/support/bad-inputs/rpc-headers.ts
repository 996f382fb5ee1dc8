import { type BadInput, documented, type Expected, http, malformed } from "./bad-input.js";
import { GET_ROSTER, postRpc, REPLACE_ROSTER, RIGHT_BODY } from "./post-rpc.js";

const KICK = "/doorman.v1.RoomService/KickOccupant";
const noMethod: Expected = { ...malformed("no method"), status: 404, code: "unimplemented" };
const unsupported: Expected = { ...malformed("Content-Type"), status: 415 };

const CONTENT_TYPES: BadInput[] = [
  ...["text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense", ""].map(
    (type) =>
      postRpc(`an RPC with Content-Type "${type}"`, REPLACE_ROSTER, RIGHT_BODY, unsupported, {
        "Content-Type": type,
      }),
  ),
  postRpc("an RPC with the Content-Type of a stream", REPLACE_ROSTER, RIGHT_BODY, unsupported, {
    "Content-Type": "application/connect+json",
  }),
  postRpc("JSON that says it is binary", GET_ROSTER, RIGHT_BODY, malformed(), {
    "Content-Type": "application/proto",
  }),
];

const METHODS: BadInput[] = [
  ...["GET", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method) =>
    http(
      `an RPC by ${method}`,
      KICK,
      ({ key }) => ({ method, headers: { Authorization: `Bearer ${key}` } }),
      { ...malformed("POST"), status: 405 },
    ),
  ),
  ...[
    ["without a message", ""],
    ["with a message that is no JSON", "?encoding=json&message=%7B"],
    ["with a message that is no base64", "?encoding=json&base64=1&message=!!"],
    ["with a message of the wrong type", "?encoding=json&message=%7B%22userJid%22%3A5%7D"],
    ["with a message that is a list", "?encoding=json&message=%5B%5D"],
  ].map(([name, query]) =>
    http(
      `a read by GET ${name}`,
      GET_ROSTER + query,
      ({ key }) => ({ headers: { Authorization: `Bearer ${key}` } }),
      query === "" ? unsupported : malformed(),
    ),
  ),
  ...[
    "/doorman.v1.RosterService/DropRoster",
    "/doorman.v1.UserService/GetUser",
    "/doorman.v1.RosterService/getRoster",
  ].map((path) => postRpc(`an RPC at ${path}`, path, RIGHT_BODY, noMethod)),
  ...[
    "/doorman.v1.RosterService/GetRoster/",
    "/doorman.v1.RosterService",
    "/RosterService/GetRoster",
    "/doorman.v1.RosterService/GetRoster%00",
  ].map((path) =>
    postRpc(`an RPC at ${path}`, path, RIGHT_BODY, documented(404, "There is nothing at")),
  ),
];

const TIMEOUTS: BadInput[] = ["soon", "-1", "1.5", "99999999999", "0x10"].map((timeout) =>
  postRpc(`a Connect-Timeout-Ms of ${timeout}`, GET_ROSTER, RIGHT_BODY, malformed("timeout"), {
    "Connect-Timeout-Ms": timeout,
  }),
);

/** Are RPCs whose method, path or headers are wrong. */
export const BAD_RPC_HEADERS: BadInput[] = [...CONTENT_TYPES, ...METHODS, ...TIMEOUTS];
