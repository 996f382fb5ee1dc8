import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as assert from "uvu/assert";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionV1alpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../gen/health/v1/health_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const SERVER_THAT_IS_DOWN = {
  hosts: { "example.com": { muc: ["chat.example.org"] } },
  xmpp: { service: "xmpp://127.0.0.1:1", jid: "doorman@example.com" },
  invites: { issuer: "doorman" },
};

interface Context {
  doorman: TestDoorman;
}

const health = suite<Context>("grpc.health.v1");

health.before.each(async (context) => {
  process.env.DOORMAN_XMPP_PASSWORD = "not used";
  context.doorman = await TestDoorman.start();
});
health.after.each(async ({ doorman }) => doorman.close());

health("says SERVING for Doorman and each service, without a key", async ({ doorman }) => {
  const client = createClient(Health, createGrpcTransport({ baseUrl: doorman.url }));
  for (const service of ["", InviteService.typeName, RosterService.typeName, HatService.typeName]) {
    assert.is((await client.check({ service })).status, Status.SERVING);
  }
  const { statuses } = await client.list({});
  assert.is(statuses[RosterService.typeName]?.status, Status.SERVING);
});

health("answers NotFound for a service that is not here", async ({ doorman }) => {
  const client = createClient(Health, createGrpcTransport({ baseUrl: doorman.url }));
  const error = await client.check({ service: "no.such.Service" }).catch((thrown) => thrown);
  assert.is(ConnectError.from(error).code, Code.NotFound);
});

health("follows readiness, service by service", async () => {
  const doorman = await TestDoorman.start(SERVER_THAT_IS_DOWN);
  try {
    const client = createClient(Health, createGrpcTransport({ baseUrl: doorman.url }));
    const status = async (service: string) => (await client.check({ service })).status;
    assert.is(await status(""), Status.NOT_SERVING);
    assert.is(await status(RosterService.typeName), Status.NOT_SERVING);
    // Doorman's own invites need no chat server.
    assert.is(await status(InviteService.typeName), Status.SERVING);
  } finally {
    await doorman.close();
  }
});

health(
  "Watch tells the status at once, and goes on until the watcher leaves",
  async ({ doorman }) => {
    const client = createClient(Health, createGrpcTransport({ baseUrl: doorman.url }));
    const seen: Status[] = [];
    const leave = new AbortController();
    try {
      for await (const { status } of client.watch({ service: "" }, { signal: leave.signal })) {
        seen.push(status);
        setTimeout(() => leave.abort(), 50);
      }
    } catch (error) {
      assert.is(ConnectError.from(error).code, Code.Canceled);
    }
    assert.equal(seen, [Status.SERVING]);
  },
);

health.run();

const reflection = suite<Context>("server reflection");

reflection.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
});
reflection.after.each(async ({ doorman }) => doorman.close());

for (const service of [ServerReflection, ServerReflectionV1alpha]) {
  reflection(
    `${service.typeName} lists the services and finds a file by symbol`,
    async ({ doorman }) => {
      const transport = createGrpcTransport({ baseUrl: doorman.url });
      const client = createClient(service as typeof ServerReflection, transport);
      async function* questions() {
        yield { messageRequest: { case: "listServices" as const, value: "" } };
        const value = "doorman.v1.RosterService.GetRoster";
        yield { messageRequest: { case: "fileContainingSymbol" as const, value } };
        yield { messageRequest: { case: "fileByFilename" as const, value: "no/such.proto" } };
      }
      const cases: (string | undefined)[] = [];
      for await (const { messageResponse } of client.serverReflectionInfo(questions())) {
        cases.push(messageResponse.case);
        if (messageResponse.case === "listServicesResponse") {
          const names = messageResponse.value.service.map(({ name }) => name);
          assert.ok(names.includes("doorman.v1.RosterService"));
          assert.ok(names.includes("grpc.health.v1.Health"));
        }
        if (messageResponse.case === "fileDescriptorResponse") {
          // The file itself and what it imports: error, options, roster and descriptor.
          assert.is(messageResponse.value.fileDescriptorProto.length, 5);
        }
      }
      assert.equal(cases, ["listServicesResponse", "fileDescriptorResponse", "errorResponse"]);
    },
  );
}

reflection(
  "repeats no more than 100 characters of a name that it does not know",
  async (context) => {
    const { doorman } = context;
    const long = "q".repeat(1_000);
    const client = createClient(ServerReflection, createGrpcTransport({ baseUrl: doorman.url }));
    async function* questions() {
      const extension = { containingType: long, extensionNumber: 1 };
      yield { host: long, messageRequest: { case: "fileContainingSymbol" as const, value: long } };
      yield { messageRequest: { case: "fileContainingExtension" as const, value: extension } };
      yield { messageRequest: { case: "allExtensionNumbersOfType" as const, value: long } };
    }
    let answers = 0;
    for await (const { $unknown, ...answer } of client.serverReflectionInfo(questions())) {
      answers += 1;
      assert.is(answer.messageResponse.case, "errorResponse");
      assert.not.match(JSON.stringify(answer), /q{101}/);
    }
    assert.is(answers, 3);
  },
);

reflection("lets buf curl call without the files", async ({ doorman }) => {
  const buf = fileURLToPath(new URL("../../node_modules/.bin/buf", import.meta.url));
  const key = await doorman.createKey("example.com");
  const { stdout } = await promisify(execFile)(
    buf,
    [
      ...["curl", "--protocol", "grpc", "--http2-prior-knowledge"],
      ...["--header", `Authorization: Bearer ${key}`, "--data", '{"user_jid": "john@example.com"}'],
      `${doorman.url}/doorman.v1.RosterService/GetRoster`,
    ],
    { timeout: PATIENCE_MS },
  );
  assert.equal(JSON.parse(stdout), {});
});

reflection.run();
