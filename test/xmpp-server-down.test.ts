import type { Client } from "@connectrpc/connect";
import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

interface Context {
  doorman: TestDoorman;
  key: string;
  password: string | undefined;
}

const PASSWORD = "never-in-a-log";

const down = suite<Context>("while the XMPP server is down");

down.before.each(async (context) => {
  context.password = process.env.DOORMAN_XMPP_PASSWORD;
  process.env.DOORMAN_XMPP_PASSWORD = PASSWORD;
  context.doorman = await TestDoorman.start({
    hosts: {
      "example.com": { muc: ["chat.example.org"], roster_url: "http://127.0.0.1:1/contacts/%s" },
    },
    // Nothing listens on port 1.
    xmpp: { service: "xmpp://127.0.0.1:1", jid: "doorman@example.com" },
  });
  context.key = await context.doorman.createKey("example.com");
});
down.after.each(async ({ doorman, password }) => {
  if (password === undefined) delete process.env.DOORMAN_XMPP_PASSWORD;
  else process.env.DOORMAN_XMPP_PASSWORD = password;
  await doorman?.close();
});

const documented: Record<string, RequestInit & { path: string }> = {
  "GET /invites_api": { path: "/invites_api" },
  "POST /invites_api": { path: "/invites_api?redirect=true", method: "POST" },
  "POST /muc_kick": {
    path: "/muc_kick",
    method: "POST",
    body: '{"nickname":"Bob","muc":"snuggery@chat.example.org"}',
  },
  "POST /roster_admin/refresh": {
    path: "/roster_admin/refresh",
    method: "POST",
    body: '["john", "aaron"]',
  },
  "GET /roster_admin/refresh/NAME": { path: "/roster_admin/refresh/john" },
};
for (const [name, { path, ...init }] of Object.entries(documented)) {
  down(`${name} answers 503 with an error`, async ({ doorman, key }) => {
    const headers = { Authorization: `Bearer ${key}` };
    const response = await doorman.fetch(path, { ...init, headers });
    assert.is(response.status, 503);
    assert.match(response.headers.get("Content-Type") ?? "", /^application\/json\b/);
    assert.is(response.headers.get("Location"), null);
    const body = (await response.json()) as { error: string };
    assert.equal(Object.keys(body), ["error"]);
    assert.ok(body.error.length > 0);
  });

  down(`${name} still wants a key first`, async ({ doorman }) => {
    const { status } = await doorman.fetch(path, init);
    assert.ok([401, 403].includes(status), String(status));
  });
}

const userJid = "john@example.com";
const roomJid = "snuggery@chat.example.org";
const hatId = "urn:hat:teacher";
type Call = (
  rooms: Client<typeof RoomService>,
  rosters: Client<typeof RosterService>,
  hats: Client<typeof HatService>,
  invites: Client<typeof InviteService>,
) => Promise<unknown>;
const calls: Record<string, Call> = {
  KickOccupant: (rooms) => rooms.kickOccupant({ roomJid, nickname: "Bob" }),
  KickUser: (rooms) => rooms.kickUser({ userJid, mucDomain: "chat.example.org" }),
  SetAffiliation: (rooms) => rooms.setAffiliation({ roomJid, userJid, affiliation: 2 }),
  ListAffiliations: (rooms) => rooms.listAffiliations({ roomJid }),
  ListOccupants: (rooms) => rooms.listOccupants({ roomJid }),
  GetRoster: (_, rosters) => rosters.getRoster({ userJid }),
  SetContact: (_, rosters) => rosters.setContact({ userJid, contact: { jid: "a@b.example" } }),
  RemoveContact: (_, rosters) => rosters.removeContact({ userJid, contactJid: "a@b.example" }),
  ReplaceRoster: (_, rosters) => rosters.replaceRoster({ userJid }),
  RefreshRosters: (_, rosters) => rosters.refreshRosters({ usernames: ["john"] }),
  "RefreshRosters of nobody": (_, rosters) => rosters.refreshRosters({}),
  AddUserHat: (_, __, hats) => hats.addUserHat({ userJid, roomJid, hatId }),
  RemoveUserHat: (_, __, hats) => hats.removeUserHat({ userJid, roomJid, hatId }),
  SetUserHats: (_, __, hats) => hats.setUserHats({ userJid, roomJid, hats: { [hatId]: {} } }),
  GetUserHats: (_, __, hats) => hats.getUserHats({ userJid, roomJid }),
  CreateInvite: (_, __, ___, invites) => invites.createInvite({}),
};
for (const [name, call] of Object.entries(calls)) {
  down(`${name} is Unavailable`, async ({ doorman, key }) => {
    const answer = call(
      doorman.client(RoomService, key),
      doorman.client(RosterService, key),
      doorman.client(HatService, key),
      doorman.client(InviteService, key),
    );
    await rejects(answer, Code.Unavailable, ErrorReason.SERVER_UNAVAILABLE);
  });
}

down("/muc_kick has no literal header but a configured one", async ({ doorman }) => {
  const headers = { Authorization: "Basic dXNlcm5hbWU6cGFzc3dvcmQ=" };
  const body = '{"nickname":"Bob","muc":"snuggery@chat.example.org"}';
  const response = await doorman.fetch("/muc_kick", { method: "POST", headers, body });
  assert.is(response.status, 401);
});

down("/roster_admin has no address that needs no key but configured ones", async (context) => {
  const { status } = await context.doorman.fetch("/roster_admin/refresh/john");
  assert.is(status, 401);
});

down("ListInvites answers from Doorman's own store", async ({ doorman, key }) => {
  assert.equal((await doorman.client(InviteService, key).listInvites({})).invites, []);
});

down("/readyz says so and /healthz is content", async ({ doorman }) => {
  const ready = await doorman.fetch("/readyz");
  assert.is(ready.status, 503);
  const { status, reason } = (await ready.json()) as { status: string; reason: string };
  assert.is(status, "unavailable");
  assert.ok(reason.length > 0);
  assert.is((await doorman.fetch("/healthz")).status, 200);
});

down("the password is not in the log", async ({ doorman, key }) => {
  await doorman.fetch(`/invites_api?key=${key}`);
  assert.ok(doorman.log.length > 0);
  assert.not.match(doorman.log, PASSWORD);
});

down.run();
