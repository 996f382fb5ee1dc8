import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import * as assert from "uvu/assert";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

/** Makes a transport; those over HTTP/2 share the context's connection. */
type Transports = Record<
  string,
  (options: { baseUrl: string; sessionManager: Http2SessionManager }) => Transport
>;

const transports: Transports = {
  "Connect over HTTP/1.1": ({ baseUrl }) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (options) => createConnectTransport({ ...options, httpVersion: "2" }),
  "Connect in JSON": ({ baseUrl }) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "Connect by GET": ({ baseUrl }) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useHttpGet: true }),
  "gRPC over HTTP/2": (options) => createGrpcTransport(options),
  "gRPC-Web over HTTP/1.1": ({ baseUrl }) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "gRPC-Web over HTTP/2": (options) => createGrpcWebTransport({ ...options, httpVersion: "2" }),
};

interface Context {
  doorman: TestDoorman;
  key: string;
  sessionManager: Http2SessionManager;
}

const protocols = suite<Context>("one port speaks every protocol");

protocols.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
  context.sessionManager = new Http2SessionManager(context.doorman.url);
});
protocols.after.each(async ({ doorman, sessionManager }) => {
  // Doorman waits ten seconds for a client that still sends.
  sessionManager.abort();
  await doorman.close();
});

for (const [name, transport] of Object.entries(transports)) {
  protocols(name, async ({ doorman, key, sessionManager }) => {
    const client = createClient(RoomService, transport({ baseUrl: doorman.url, sessionManager }));
    const headers = { Authorization: `Bearer ${key}` };
    const { occupants } = await client.listOccupants(
      { roomJid: "snuggery@chat.example.org" },
      { headers, timeoutMs: PATIENCE_MS },
    );
    assert.ok(occupants.some(({ nickname }) => nickname === "Bob"));
  });
}

for (const [name, transport] of Object.entries(transports)) {
  protocols(
    `${name}: a message that is too large is ResourceExhausted`,
    async ({ doorman, key, sessionManager }) => {
      const client = createClient(RoomService, transport({ baseUrl: doorman.url, sessionManager }));
      // A kick is never sent by GET, whose URL could not be that long. More than sockets buffer.
      const call = client.kickOccupant(
        { roomJid: "a".repeat(3_000_000), nickname: "Bob" },
        { headers: { Authorization: `Bearer ${key}` }, timeoutMs: PATIENCE_MS },
      );
      const error = await call.catch((thrown: unknown) => thrown);
      assert.is(Code[ConnectError.from(error).code], "ResourceExhausted");
    },
  );
}

protocols.run();
