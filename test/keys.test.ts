import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { SandboxService } from "../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const keys = suite<{ doorman: TestDoorman; key: string }>("a key");

keys.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
keys.after.each(async ({ doorman }) => doorman?.close());

keys("that has expired and has a wrong token is not said to have expired", async ({ doorman }) => {
  const expired = await doorman.keys.create(
    "example.com",
    "",
    ["invites.read"],
    new Date(Date.now() - 1),
  );
  const client = doorman.client(InviteService, expired.slice(0, -1));
  await rejects(client.listInvites({}), Code.Unauthenticated, ErrorReason.KEY_INVALID);
});

keys("is good until it expires", async ({ doorman }) => {
  const soon = new Date(Date.now() + 60_000);
  const key = await doorman.keys.create("example.com", "", ["invites.read"], soon);
  await doorman.client(InviteService, key).listInvites({});
});

keys("is refused once it is deleted", async ({ doorman, key }) => {
  await doorman.client(InviteService, key).listInvites({});
  await doorman.keys.delete("example.com", key.split("/")[0] ?? "");
  const answer = doorman.client(InviteService, key).listInvites({});
  await rejects(answer, Code.Unauthenticated, ErrorReason.KEY_INVALID);
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

keys.run();
