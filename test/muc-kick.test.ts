import * as assert from "uvu/assert";
import { SandboxService } from "../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";

/** The header of the document's curl call, which the sandbox takes. */
const LITERAL = "Basic dXNlcm5hbWU6cGFzc3dvcmQ=";
const SNUGGERY = "snuggery@chat.example.org";
const KICK_BOB = JSON.stringify({ nickname: "Bob", muc: SNUGGERY });

const mucKick = suite<{ doorman: TestDoorman; key: string }>("POST /muc_kick");

mucKick.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
mucKick.after.each(async ({ doorman }) => doorman?.close());

mucKick("answers the documented curl call with 200 and an empty body", async (context) => {
  const { doorman, key } = context;
  const response = await kick(doorman, LITERAL, KICK_BOB);
  assert.is(response.status, 200);
  assert.is(response.headers.get("Content-Length"), "0");
  assert.is(await response.text(), "");
  assert.not.ok((await nicknames(doorman, key, SNUGGERY)).includes("Bob"));
  assert.ok((await nicknames(doorman, key, SNUGGERY)).includes("Marie"));
});

mucKick("takes a reason, also an empty one and null", async ({ doorman }) => {
  for (const reason of ["Sorry", "", null]) {
    const nickname = reason === "Sorry" ? "Bob" : reason === "" ? "Marie" : "Carol";
    const body = JSON.stringify({ nickname, muc: SNUGGERY, reason });
    assert.is((await kick(doorman, LITERAL, body)).status, 200, `reason ${reason}`);
  }
});

for (const type of ["application/x-www-form-urlencoded", "text/plain", "image/png", ""]) {
  mucKick(`reads JSON though the content type is "${type}"`, async ({ doorman }) => {
    assert.is((await kick(doorman, LITERAL, KICK_BOB, type)).status, 200);
  });
}

mucKick("takes a nickname that is a number as text", async ({ doorman, key }) => {
  const occupant = { roomJid: SNUGGERY, nickname: "42", userJid: "deep@thought.example" };
  await doorman.client(SandboxService, key).putOccupant(occupant);
  assert.is((await kick(doorman, LITERAL, { nickname: 42, muc: SNUGGERY })).status, 200);
  assert.not.ok((await nicknames(doorman, key, SNUGGERY)).includes("42"));
});

mucKick("normalises the room's JID", async ({ doorman }) => {
  const body = { nickname: "Bob", muc: "Snuggery@CHAT.example.org" };
  assert.is((await kick(doorman, LITERAL, body)).status, 200);
});

mucKick("takes the literal header for every host", async ({ doorman }) => {
  const body = { nickname: "user", muc: "room@conference.localhost" };
  assert.is((await kick(doorman, LITERAL, body)).status, 200);
});

mucKick("takes a key with rooms.kick as Bearer and as Basic", async ({ doorman }) => {
  const key = await doorman.createKey("example.com", ["rooms.kick"]);
  assert.is((await kick(doorman, `Bearer ${key}`, KICK_BOB)).status, 200);
  const basic = `Basic ${Buffer.from(key.replace("/", ":")).toString("base64")}`;
  assert.is((await kick(doorman, basic, { nickname: "Marie", muc: SNUGGERY })).status, 200);
});

mucKick("takes the configured header, and then no more the sandbox's own", async () => {
  const header = "Basic YWxhZGRpbjpvcGVuc2VzYW1l";
  const doorman = await TestDoorman.start({ muc_kick: { authorization_header: header } });
  try {
    assert.is((await kick(doorman, LITERAL, KICK_BOB)).status, 401);
    assert.is((await kick(doorman, header, KICK_BOB)).status, 200);
  } finally {
    await doorman.close();
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

async function nicknames(doorman: TestDoorman, key: string, roomJid: string): Promise<string[]> {
  const { occupants } = await doorman.client(RoomService, key).listOccupants({ roomJid });
  return occupants.map(({ nickname }) => nickname);
}

mucKick.run();
