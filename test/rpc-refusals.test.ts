import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Code, createClient } from "@connectrpc/connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import * as assert from "uvu/assert";
import { SandboxService } from "../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { Health } from "../gen/health/v1/health_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const PATH = "/doorman.v1.RosterService/ReplaceRoster";
const GRPC_WEB = "application/grpc-web+proto";

const refusals = suite<{ doorman: TestDoorman; password: string | undefined }>("RPCs refused");

refusals.before.each(async (context) => {
  context.password = process.env.DOORMAN_XMPP_PASSWORD;
  process.env.DOORMAN_XMPP_PASSWORD = "not used";
  // Not the sandbox, so that there is a service which the tests know and Doorman does not have.
  context.doorman = await TestDoorman.start({
    hosts: { "example.com": { muc: ["chat.example.org"] } },
    xmpp: { service: "xmpp://127.0.0.1:1", jid: "doorman@example.com" },
  });
});
refusals.after.each(async ({ doorman, password }) => {
  if (password === undefined) delete process.env.DOORMAN_XMPP_PASSWORD;
  else process.env.DOORMAN_XMPP_PASSWORD = password;
  await doorman?.close().catch(() => {});
});

for (const [type, expected] of [
  ["application/json", /^HTTP\/1\.1 401 [\s\S]*"unauthenticated"[\s\S]*KEY_INVALID/],
  ["application/proto", /^HTTP\/1\.1 401 [\s\S]*"unauthenticated"[\s\S]*KEY_INVALID/],
  [GRPC_WEB, /^HTTP\/1\.1 200 [\s\S]*grpc-status: 16\r\n/],
] as const) {
  refusals(`a wrong key is refused before a body of ${type} has come`, async ({ doorman }) => {
    const { hostname, port } = new URL(doorman.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    const headers = [
      `POST ${PATH} HTTP/1.1`,
      "Host: x",
      "Authorization: Bearer AAAAAAAA/BBBB",
      `Content-Type: ${type}`,
      "Content-Length: 1000000",
    ];
    socket.write(`${headers.join("\r\n")}\r\n\r\n`);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    for (let waited = 0; waited < PATIENCE_MS && !expected.test(text); waited += 10)
      await pause(10);
    socket.destroy();
    assert.match(text, expected);
  });
}

refusals("a wrong key is refused before a message of gRPC has come", async ({ doorman }) => {
  const session = connectHttp2(doorman.url);
  session.on("error", () => {});
  session.setTimeout(PATIENCE_MS, () => session.destroy(new Error("no answer in time")));
  try {
    const stream = session.request({
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/grpc",
      te: "trailers",
      authorization: "Bearer AAAAAAAA/BBBB",
    });
    // The headers alone: the request has not ended.
    stream.resume();
    const [trailers] = await once(stream, "trailers");
    assert.is(trailers["grpc-status"], String(Code.Unauthenticated));
  } finally {
    session.destroy();
  }
});

refusals("a gRPC-Web message that is none is InvalidArgument, with detail", async (context) => {
  const { doorman } = context;
  const key = await doorman.createKey("example.com");
  const response = await doorman.fetch(PATH, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": GRPC_WEB },
    body: Buffer.from("0000000002ffff", "hex"),
  });
  const frame = Buffer.from(await response.arrayBuffer());
  assert.is(frame[0], 0x80);
  assert.is(frame.readUInt32BE(1), frame.length - 5);
  const error = findTrailerError(trailerParse(frame.subarray(5)));
  await rejects(Promise.reject(error), Code.InvalidArgument, ErrorReason.MALFORMED_REQUEST);
});

const TRANSPORTS = {
  Connect: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
  "gRPC-Web": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
};

for (const [name, transport] of Object.entries(TRANSPORTS)) {
  refusals(`a method that is not here is Unimplemented over ${name}`, async ({ doorman }) => {
    const client = createClient(SandboxService, transport(doorman.url));
    await rejects(
      client.reset({}, { timeoutMs: PATIENCE_MS }),
      Code.Unimplemented,
      ErrorReason.MALFORMED_REQUEST,
    );
  });

  refusals(`a service that needs no key reads at most 4 KiB over ${name}`, async ({ doorman }) => {
    const client = createClient(Health, transport(doorman.url));
    await rejects(
      client.check({ service: "s".repeat(4 * 1024) }, { timeoutMs: PATIENCE_MS }),
      Code.ResourceExhausted,
      ErrorReason.MALFORMED_REQUEST,
    );
  });

  refusals(`the health of a service that is not here is NotFound over ${name}`, async (context) => {
    const client = createClient(Health, transport(context.doorman.url));
    const { metadata } = await rejects(
      client.check({ service: "no.such.Service" }, { timeoutMs: PATIENCE_MS }),
      Code.NotFound,
      ErrorReason.INVALID_FIELD,
    );
    assert.equal(metadata, { field: "service" });
  });
}

refusals.run();
