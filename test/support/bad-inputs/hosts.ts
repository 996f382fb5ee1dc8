import {
  type BadInput,
  type Expected,
  forbidden,
  invalid,
  malformed,
  notFound,
  rpc,
} from "./bad-input.js";

/** Are hosts that no method takes. */
export const BAD_HOSTS: BadInput[] = [
  ["InviteService/CreateInvite", {}] as const,
  ["InviteService/GetInvite", { token: "A" }] as const,
  ["InviteService/ListInvites", {}] as const,
  ["InviteService/RevokeInvite", { token: "A" }] as const,
  ["RosterService/RefreshRosters", { usernames: ["john"] }] as const,
  ["ServerService/GetCapabilities", {}] as const,
].flatMap(([method, rest]) => {
  const host = (name: string, value: unknown, expected: Expected) =>
    rpc(name, method, { ...rest, host: value }, expected);
  const unknown = (name: string) => notFound("HOST_NOT_FOUND", { host: name });
  return [
    host("an unknown host", "nowhere.example", unknown("nowhere.example")),
    host("a host that is a property of all objects", "constructor", unknown("constructor")),
    host(
      "the host of another key",
      "localhost",
      forbidden("HOST_FORBIDDEN", { host: "localhost" }),
    ),
    host("a host with a space", "exam ple.com", invalid("host")),
    host("a host with a port", "example.com:5222", invalid("host")),
    host("a JID for a host", "john@example.com", invalid("host")),
    host("a host with a NUL", "example.com\u0000", invalid("host")),
    host("a host that is a dot", ".", invalid("host")),
    host("a host of 1,024 bytes", "a".repeat(1024), invalid("host")),
    host("an unknown host of 1,023 bytes", "a".repeat(1023), unknown(`${"a".repeat(99)}…`)),
    host("a host that is a number", 5, malformed("host")),
  ];
});
