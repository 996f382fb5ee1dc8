import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type DescFile, type DescMethod, getOption } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SandboxService } from "../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { grant } from "../gen/doorman/v1/options_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";

/** All methods of all services that are generated, so that none can be added without these tests. */
const METHODS = await allMethods();
const GRANTS = [...new Set(METHODS.map((method) => getOption(method, grant)))];

const keys = suite<{ doorman: TestDoorman; key: string }>("a key");

keys.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com", GRANTS);
});
keys.after.each(async ({ doorman }) => doorman?.close());

keys("is wanted by the services of the contract and of the sandbox", () => {
  const services = new Set(METHODS.map(({ parent }) => parent.typeName));
  assert.equal([...services].sort(), [
    "doorman.sandbox.v1.SandboxService",
    "doorman.v1.HatService",
    "doorman.v1.InviteService",
    "doorman.v1.RoomService",
    "doorman.v1.RosterService",
  ]);
  assert.equal([...GRANTS].sort(), [
    "hats.read",
    "hats.write",
    "invites.create",
    "invites.read",
    "invites.revoke",
    "rooms.kick",
    "rooms.read",
    "rosters.read",
    "rosters.refresh",
    "rosters.write",
    "sandbox.manage",
  ]);
});

for (const method of METHODS) {
  const needed = getOption(method, grant);

  keys(`is needed for ${method.name}, which declares a grant`, async ({ doorman }) => {
    assert.match(needed, /^[a-z]+\.[a-z]+$/);
    const call = method.parent;
    for (const authorization of [undefined, ""]) {
      const response = await callBare(doorman, method, authorization);
      await assertRefused(response, 401, "unauthenticated", "ERROR_REASON_KEY_REQUIRED");
    }
    for (const authorization of ["Bearer x/y", "Bearer", "Digest abc", "Basic eDp5"]) {
      const response = await callBare(doorman, method, authorization);
      await assertRefused(response, 401, "unauthenticated", "ERROR_REASON_KEY_INVALID");
    }
    assert.ok(call);
  });

  keys(`without ${needed} is refused by ${method.name}`, async ({ doorman }) => {
    const others = GRANTS.filter((name) => name !== needed);
    const key = await doorman.createKey("example.com", others);
    const client = doorman.client(method.parent, key);
    const answer = call(client, method);
    const detail = await rejects(answer, Code.PermissionDenied, ErrorReason.GRANT_MISSING);
    assert.is(detail.metadata.grant, needed);
  });

  keys(`with ${needed} alone gets past the door of ${method.name}`, async ({ doorman }) => {
    const key = await doorman.createKey("example.com", [needed]);
    const response = await callBare(doorman, method, `Bearer ${key}`);
    assert.not.ok([401, 403].includes(response.status), await response.text());
  });
}

keys("that has no grant at all is refused everything", async ({ doorman }) => {
  const key = await doorman.createKey("example.com", []);
  for (const method of METHODS) {
    const answer = call(doorman.client(method.parent, key), method);
    await rejects(answer, Code.PermissionDenied, ErrorReason.GRANT_MISSING);
  }
});

keys("is refused when it has expired", async ({ doorman }) => {
  const expired = await doorman.keys.create("example.com", "", GRANTS, new Date(Date.now() - 1));
  for (const method of METHODS) {
    const answer = call(doorman.client(method.parent, expired), method);
    await rejects(answer, Code.Unauthenticated, ErrorReason.KEY_EXPIRED);
  }
});

keys("that has expired and has a wrong token is not said to have expired", async ({ doorman }) => {
  const expired = await doorman.keys.create("example.com", "", GRANTS, new Date(Date.now() - 1));
  const client = doorman.client(InviteService, `${expired.slice(0, -1)}`);
  await rejects(client.listInvites({}), Code.Unauthenticated, ErrorReason.KEY_INVALID);
});

keys("is good until it expires", async ({ doorman }) => {
  const soon = new Date(Date.now() + 60_000);
  const key = await doorman.keys.create("example.com", "", GRANTS, soon);
  await doorman.client(InviteService, key).listInvites({});
});

keys("is refused once it is deleted", async ({ doorman, key }) => {
  await doorman.client(InviteService, key).listInvites({});
  await doorman.keys.delete("example.com", key.split("/")[0] ?? "");
  const answer = doorman.client(InviteService, key).listInvites({});
  await rejects(answer, Code.Unauthenticated, ErrorReason.KEY_INVALID);
});

keys("is taken as HTTP Basic on RPCs, and never from the query", async ({ doorman, key }) => {
  const basic = `Basic ${Buffer.from(key.replace("/", ":")).toString("base64")}`;
  const method = InviteService.method.listInvites;
  assert.is((await callBare(doorman, method, basic)).status, 200);
  const response = await callBare(doorman, method, undefined, `?key=${key}`);
  await assertRefused(response, 401, "unauthenticated", "ERROR_REASON_KEY_REQUIRED");
});

keys("is good for the accounts of its own host only", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  for (const answer of [
    client.createInvite({ host: "localhost" }),
    client.listInvites({ host: "localhost" }),
    client.getInvite({ host: "LOCALHOST", token: "x" }),
    client.revokeInvite({ host: "localhost", token: "x" }),
  ]) {
    const detail = await rejects(answer, Code.PermissionDenied, ErrorReason.HOST_FORBIDDEN);
    assert.is(detail.metadata.host, "localhost");
  }
});

keys("is good for the rosters of its own host only", async ({ doorman, key }) => {
  const client = doorman.client(RosterService, key);
  const userJid = "user@localhost";
  for (const answer of [
    client.getRoster({ userJid }),
    client.setContact({ userJid, contact: { jid: "john@example.com" } }),
    client.removeContact({ userJid, contactJid: "john@example.com" }),
    client.replaceRoster({ userJid }),
    client.refreshRosters({ host: "localhost", usernames: ["user"] }),
  ]) {
    await rejects(answer, Code.PermissionDenied, ErrorReason.HOST_FORBIDDEN);
  }
  await client.setContact({ userJid: "john@example.com", contact: { jid: userJid } });
});

keys("is good for the rooms of its own host only", async ({ doorman, key }) => {
  const client = doorman.client(RoomService, key);
  const roomJid = "room@conference.localhost";
  for (const answer of [
    client.listOccupants({ roomJid }),
    client.kickOccupant({ roomJid, nickname: "user" }),
    client.kickOccupant({ roomJid: "missing@conference.localhost", nickname: "user" }),
  ]) {
    await rejects(answer, Code.PermissionDenied, ErrorReason.HOST_FORBIDDEN);
  }
  const own = doorman.client(RoomService, await doorman.createKey("localhost"));
  assert.is((await own.listOccupants({ roomJid })).occupants.length, 1);
});

keys("is good for the hats in its own host's rooms, wherever a user is from", async (context) => {
  const { doorman, key } = context;
  const client = doorman.client(HatService, key);
  const hatId = "urn:hat:guest";
  const elsewhere = { roomJid: "room@conference.localhost", userJid: "john@example.com" };
  for (const answer of [
    client.addUserHat({ ...elsewhere, hatId }),
    client.removeUserHat({ ...elsewhere, hatId }),
    client.setUserHats(elsewhere),
    client.getUserHats(elsewhere),
  ]) {
    await rejects(answer, Code.PermissionDenied, ErrorReason.HOST_FORBIDDEN);
  }
  const guest = { roomJid: "snuggery@chat.example.org", userJid: "guest@elsewhere.example" };
  const occupant = { ...guest, nickname: "Guest", affiliation: Affiliation.MEMBER };
  await doorman.client(SandboxService, key).putOccupant(occupant);
  await client.addUserHat({ ...guest, hatId });
  assert.equal(Object.keys((await client.getUserHats(guest)).hats), [hatId]);
});

keys("learns nothing of a host that is not served but that", async ({ doorman, key }) => {
  const invites = doorman.client(InviteService, key).listInvites({ host: "nohost.example" });
  await rejects(invites, Code.NotFound, ErrorReason.HOST_NOT_FOUND);
  const rooms = doorman.client(RoomService, key).listOccupants({ roomJid: "room@nohost.example" });
  await rejects(rooms, Code.NotFound, ErrorReason.HOST_NOT_FOUND);
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

/** Calls any method of a client with an empty message. */
function call(client: object, method: DescMethod): Promise<unknown> {
  return (client as Record<string, (message: object) => Promise<unknown>>)[method.localName]?.({})!;
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

keys.run();
