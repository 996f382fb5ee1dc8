import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type DescFile, type DescMethod, getOption } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { grant } from "../gen/doorman/v1/options_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

/** All methods of all services that are generated, so that none can be added without these tests. */
const METHODS = await allMethods();
const GRANTS = [...new Set(METHODS.map((method) => getOption(method, grant)))];

const grants = suite<{ doorman: TestDoorman; key: string }>("a key's grants");

grants.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com", GRANTS);
});
grants.after.each(async ({ doorman }) => doorman?.close());

grants("is wanted by the services of the contract and of the sandbox", () => {
  const services = new Set(METHODS.map(({ parent }) => parent.typeName));
  assert.equal([...services].sort(), [
    "doorman.sandbox.v1.SandboxService",
    "doorman.v1.HatService",
    "doorman.v1.InviteService",
    "doorman.v1.RoomService",
    "doorman.v1.RosterService",
    "doorman.v1.ServerService",
  ]);
  assert.equal([...GRANTS].sort(), [
    "hats.read",
    "hats.write",
    "invites.create",
    "invites.read",
    "invites.redeem",
    "invites.revoke",
    "rooms.kick",
    "rooms.read",
    "rooms.write",
    "rosters.read",
    "rosters.refresh",
    "rosters.write",
    "sandbox.manage",
    "server.read",
  ]);
});

for (const method of METHODS) {
  const needed = getOption(method, grant);

  grants(`is needed for ${method.name}, which declares a grant`, async ({ doorman }) => {
    assert.match(needed, /^[a-z]+\.[a-z]+$/);
    for (const authorization of [undefined, ""]) {
      const response = await callBare(doorman, method, authorization);
      await assertRefused(response, 401, "unauthenticated", "ERROR_REASON_KEY_REQUIRED");
    }
    for (const authorization of ["Bearer x/y", "Bearer", "Digest abc", "Basic eDp5"]) {
      const response = await callBare(doorman, method, authorization);
      await assertRefused(response, 401, "unauthenticated", "ERROR_REASON_KEY_INVALID");
    }
  });

  grants(`without ${needed} is refused by ${method.name}`, async ({ doorman }) => {
    const others = GRANTS.filter((name) => name !== needed);
    const key = await doorman.createKey("example.com", others);
    const client = doorman.client(method.parent, key);
    const answer = call(client, method);
    const detail = await rejects(answer, Code.PermissionDenied, ErrorReason.GRANT_MISSING);
    assert.is(detail.metadata.grant, needed);
  });

  grants(`with ${needed} alone gets past the door of ${method.name}`, async ({ doorman }) => {
    const key = await doorman.createKey("example.com", [needed]);
    const response = await callBare(doorman, method, `Bearer ${key}`);
    assert.not.ok([401, 403].includes(response.status), await response.text());
  });
}

grants("that has no grant at all is refused everything", async ({ doorman }) => {
  const key = await doorman.createKey("example.com", []);
  for (const method of METHODS) {
    const answer = call(doorman.client(method.parent, key), method);
    await rejects(answer, Code.PermissionDenied, ErrorReason.GRANT_MISSING);
  }
});

grants("is refused when it has expired", async ({ doorman }) => {
  const expired = await doorman.keys.create("example.com", "", GRANTS, new Date(Date.now() - 1));
  for (const method of METHODS) {
    const answer = call(doorman.client(method.parent, expired), method);
    await rejects(answer, Code.Unauthenticated, ErrorReason.KEY_EXPIRED);
  }
});

grants("is taken as HTTP Basic on RPCs, and never from the query", async ({ doorman, key }) => {
  const basic = `Basic ${Buffer.from(key.replace("/", ":")).toString("base64")}`;
  const method = InviteService.method.listInvites;
  assert.is((await callBare(doorman, method, basic)).status, 200);
  const response = await callBare(doorman, method, undefined, `?key=${key}`);
  await assertRefused(response, 401, "unauthenticated", "ERROR_REASON_KEY_REQUIRED");
});

async function allMethods(): Promise<DescMethod[]> {
  const folder = fileURLToPath(new URL("../gen/doorman", import.meta.url));
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files: DescFile[] = [];
  for (const name of names.filter((path) => path.endsWith("_pb.js"))) {
    const exports: object = await import(`../gen/doorman/${name}`);
    const file = Object.entries(exports).find(([key]) => key.startsWith("file_"))?.[1];
    assert.ok(file, `${name} exports its descriptor`);
    files.push(file);
  }
  return files.flatMap(({ services }) => services.flatMap(({ methods }) => methods));
}

/** Calls any method of a client with an empty message; a stream is read to its end. */
async function call(client: object, { localName }: DescMethod): Promise<unknown> {
  type Call = (message: object) => Promise<unknown> | AsyncIterable<unknown>;
  const answer = (client as Record<string, Call>)[localName]?.({});
  if (answer === undefined || !(Symbol.asyncIterator in answer)) return answer;
  const messages = [];
  for await (const message of answer) messages.push(message);
  return messages;
}

/** Calls a method as Connect's JSON with an empty message and any Authorization header. */
function callBare(
  doorman: TestDoorman,
  method: DescMethod,
  authorization: string | undefined,
  query = "",
): Promise<Response> {
  return doorman.fetch(`/${method.parent.typeName}/${method.name}${query}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(authorization !== undefined && { Authorization: authorization }),
    },
    body: "{}",
  });
}

async function assertRefused(response: Response, status: number, code: string, reason: string) {
  assert.is(response.status, status);
  const body = (await response.json()) as { code: string; details: { debug: unknown }[] };
  assert.is(body.code, code);
  assert.equal(body.details[0]?.debug, { reason });
}

grants.run();
