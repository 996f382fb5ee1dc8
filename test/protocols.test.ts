import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import * as assert from "uvu/assert";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const transports = {
  "Connect over HTTP/1.1": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  "Connect in JSON": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "Connect by GET": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useHttpGet: true }),
  "gRPC over HTTP/2": (baseUrl: string) => createGrpcTransport({ baseUrl }),
  "gRPC-Web over HTTP/1.1": (baseUrl: string) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "gRPC-Web over HTTP/2": (baseUrl: string) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "2" }),
};

const protocols = suite<{ doorman: TestDoorman; key: string }>("one port speaks every protocol");

protocols.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
protocols.after.each(async ({ doorman }) => doorman.close());

for (const [name, transport] of Object.entries(transports)) {
  protocols(name, async ({ doorman, key }) => {
    const client = createClient(RoomService, transport(doorman.url));
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
    async ({ doorman, key }) => {
      const client = createClient(RoomService, transport(doorman.url));
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
