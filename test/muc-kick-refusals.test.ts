import * as assert from "uvu/assert";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";

/** The header of the document's curl call, which the sandbox takes. */
const LITERAL = "Basic dXNlcm5hbWU6cGFzc3dvcmQ=";
const SNUGGERY = "snuggery@chat.example.org";
const KICK_BOB = JSON.stringify({ nickname: "Bob", muc: SNUGGERY });

const refused = suite<{ doorman: TestDoorman; key: string }>("POST /muc_kick refuses");

refused.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
refused.after.each(async ({ doorman }) => doorman?.close());

refused("what is no right Authorization with 401", async ({ doorman, key }) => {
  const wrong = [
    undefined,
    "",
    "Basic d3Jvbmc6d3Jvbmc=",
    LITERAL.toLowerCase(),
    `${LITERAL}=`,
    LITERAL.slice(6),
    `Digest ${key}`,
    `Bearer ${key}x`,
    "Bearer AAAAAAAA/wrong",
  ];
  for (const authorization of wrong) {
    const response = await kick(doorman, authorization, KICK_BOB);
    await assertError(response, 401, "Authorization failed");
  }
  assert.ok((await nicknames(doorman, key, SNUGGERY)).includes("Bob"));
});

refused("a key in the query with 401", async ({ doorman, key }) => {
  const init = { method: "POST", body: KICK_BOB };
  const response = await doorman.fetch(`/muc_kick?key=${key}`, init);
  await assertError(response, 401, "Authorization failed");
});

refused("before it reads a bad body", async ({ doorman }) => {
  await assertError(await kick(doorman, undefined, "{"), 401, "Authorization failed");
});

refused("an expired key with 401", async ({ doorman }) => {
  const past = new Date(Date.now() - 1);
  const key = await doorman.keys.create("example.com", "", ["rooms.kick"], past);
  await assertError(await kick(doorman, `Bearer ${key}`, KICK_BOB), 401, "Authorization failed");
});

refused("a key without the grant with 403, and names it", async ({ doorman, key }) => {
  const other = await doorman.createKey("example.com", ["rooms.read", "invites.create"]);
  await assertError(await kick(doorman, `Bearer ${other}`, KICK_BOB), 403, /rooms\.kick/);
  assert.ok((await nicknames(doorman, key, SNUGGERY)).includes("Bob"));
});

refused("a key of another host with 403", async ({ doorman, key }) => {
  const other = await doorman.createKey("localhost");
  await assertError(await kick(doorman, `Bearer ${other}`, KICK_BOB), 403, /localhost/);
  assert.ok((await nicknames(doorman, key, SNUGGERY)).includes("Bob"));
});

const missing = "Missing nickname and/or MUC";
const refusals: [name: string, body: unknown, status: number, error: string | RegExp][] = [
  ["no body", "", 400, missing],
  ["a body that is not JSON", '{ nickname: "Bob" }', 400, missing],
  ["truncated JSON", KICK_BOB.slice(0, -1), 400, missing],
  ["an array", [], 400, missing],
  ["null", "null", 400, missing],
  ["no nickname", { muc: SNUGGERY }, 400, missing],
  ["no muc", { nickname: "Bob" }, 400, missing],
  ["an empty nickname", { nickname: "", muc: SNUGGERY }, 400, missing],
  ["an empty muc", { nickname: "Bob", muc: "" }, 400, missing],
  ["a nickname that is an object", { nickname: {}, muc: SNUGGERY }, 400, missing],
  ["a muc that is an object", { nickname: "Bob", muc: {} }, 400, missing],
  ["a muc that is a number", { nickname: "Bob", muc: 1 }, 400, missing],
  ["a reason that is a number", { nickname: "Bob", muc: SNUGGERY, reason: 1 }, 400, /reason/],
  ["a blank nickname", { nickname: " ", muc: SNUGGERY }, 400, /nickname/],
  ["a muc with a resource", { nickname: "Bob", muc: `${SNUGGERY}/Bob` }, 400, /^muc: /],
  ["a muc that is a domain", { nickname: "Bob", muc: "chat.example.org" }, 400, /^muc: /],
  [
    "a domain that is not served",
    { nickname: "Bob", muc: "snuggery@nohost" },
    404,
    "MUC not found: No such host: nohost",
  ],
  [
    "a host that holds no rooms",
    { nickname: "Bob", muc: "snuggery@localhost" },
    404,
    "MUC not found: Host 'localhost' is not a MUC service",
  ],
  [
    "a room that is not there",
    { nickname: "Bob", muc: "snuggery@conference.localhost" },
    404,
    "MUC not found: No MUC 'snuggery' found for host: conference.localhost",
  ],
  [
    "a nickname that is not in the room",
    { nickname: "Nobody", muc: SNUGGERY },
    400,
    "Couldn't kick user: modify: item-not-found",
  ],
  [
    "an owner's nickname",
    { nickname: "Alice", muc: SNUGGERY },
    400,
    "Couldn't kick user: cancel: not-allowed",
  ],
];
for (const [name, body, status, error] of refusals) {
  refused(`${name} with ${status}`, async ({ doorman, key }) => {
    await assertError(await kick(doorman, LITERAL, body), status, error);
    const left = await nicknames(doorman, key, SNUGGERY);
    assert.equal(left.sort(), ["Alice", "Bob", "Carol", "Marie"]);
  });
}

refused("other methods with 405", async ({ doorman }) => {
  for (const method of ["GET", "PUT"]) {
    const response = await doorman.fetch("/muc_kick", {
      method,
      headers: { Authorization: LITERAL },
    });
    assert.is(response.headers.get("Allow"), "POST");
    await assertError(response, 405, /POST/);
  }
});

function kick(
  doorman: TestDoorman,
  authorization: string | undefined,
  body: unknown,
  contentType = "application/json",
): Promise<Response> {
  return doorman.fetch("/muc_kick", {
    method: "POST",
    headers: {
      ...(authorization !== undefined && { Authorization: authorization }),
      "Content-Type": contentType,
    },
    // As bytes, for which fetch adds no content type of its own.
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  });
}

async function assertError(response: Response, status: number, error: string | RegExp) {
  assert.is(response.status, status);
  assert.match(response.headers.get("Content-Type") ?? "", /^application\/json\b/);
  const body = (await response.json()) as { error: string };
  assert.equal(Object.keys(body), ["error"]);
  if (typeof error === "string") assert.is(body.error, error);
  else assert.match(body.error, error);
}

async function nicknames(doorman: TestDoorman, key: string, roomJid: string): Promise<string[]> {
  const { occupants } = await doorman.client(RoomService, key).listOccupants({ roomJid });
  return occupants.map(({ nickname }) => nickname);
}

refused.run();
