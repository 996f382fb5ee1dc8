import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { Affiliation } from "../../gen/doorman/v1/room_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { rejects } from "../support/rejects.js";
import type { ContractSuite } from "./contract-suite.js";
import { fillRoom } from "./fill-room.js";
import { HOST, MUC_DOMAIN } from "./stage.js";

const BOB = `bob@${HOST}`;

/** Adds the cases of kicking, out of one room and out of all. */
export function addKickCases(contract: ContractSuite): void {
  contract("KickOccupant: the occupant has left when it answers", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid);
    const client = stage.doorman.client(RoomService, stage.key);
    await client.kickOccupant({ roomJid, nickname: "Bob", reason: "Too loud" });
    assert.equal(await stage.nicknames(roomJid), ["Alice"]);
  });

  contract("KickOccupant: an absent nickname is OCCUPANT_NOT_FOUND", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid);
    const client = stage.doorman.client(RoomService, stage.key);
    const call = client.kickOccupant({ roomJid, nickname: "Nobody" });
    const { stanza } = await rejects(call, Code.NotFound, ErrorReason.OCCUPANT_NOT_FOUND);
    assert.is(stanza?.type, "modify");
  });

  contract(
    "KickOccupant: a missing room is ROOM_NOT_FOUND and stays missing",
    async ({ stage, roomJid }) => {
      const client = stage.doorman.client(RoomService, stage.key);
      const kick = () => client.kickOccupant({ roomJid, nickname: "Bob" });
      await rejects(kick(), Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
      await rejects(kick(), Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
    },
  );

  contract(
    "KickOccupant: of ten calls at once for one occupant exactly one succeeds",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid);
      const client = stage.doorman.client(RoomService, stage.key);
      const calls = Array.from({ length: 10 }, () =>
        client.kickOccupant({ roomJid, nickname: "Bob" }),
      );
      const results = await Promise.allSettled(calls);
      assert.is(results.filter(({ status }) => status === "fulfilled").length, 1);
      assert.equal(await stage.nicknames(roomJid), ["Alice"]);
    },
  );

  contract("KickOccupant: a series of kicks costs one join", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid);
    const client = stage.doorman.client(RoomService, stage.key);
    for (let round = 0; round < 3; round++) {
      await client.kickOccupant({ roomJid, nickname: "Bob" });
      const bob = { roomJid, nickname: "Bob", username: "bob", affiliation: Affiliation.NONE };
      await stage.putOccupant(bob);
    }
    assert.is(await stage.joins(roomJid, "alice", "Bob"), stage.isSeen ? 4 : 0);
    assert.is(await stage.joins(roomJid, "alice", "Doorman"), stage.isSeen ? 1 : 0);
  });

  contract(
    "KickOccupant: concurrent kicks of different occupants do not trip over each other",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid);
      const others = ["john", "aaron", "marie"];
      for (const username of others) {
        const affiliation = Affiliation.NONE;
        await stage.putOccupant({ roomJid, nickname: username, username, affiliation });
      }
      const client = stage.doorman.client(RoomService, stage.key);
      await Promise.all(
        ["Bob", ...others].map((nickname) => client.kickOccupant({ roomJid, nickname })),
      );
      assert.equal(await stage.nicknames(roomJid), ["Alice"]);
    },
  );

  const restrictions = {
    "has a password": { passwordprotectedroom: "1", roomsecret: "open sesame" },
    "is for its members": { membersonly: "1" },
  };
  for (const [what, settings] of Object.entries(restrictions)) {
    contract(`KickOccupant: kicks in a room that ${what}`, async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid, Affiliation.MEMBER);
      await stage.configureRoom(roomJid, "alice", settings);
      const client = stage.doorman.client(RoomService, stage.key);
      await client.kickOccupant({ roomJid, nickname: "Bob" });
      const { occupants } = await client.listOccupants({ roomJid });
      assert.equal(
        occupants.map(({ nickname }) => nickname),
        ["Alice"],
      );
    });
  }

  contract("KickOccupant: a full room lets Doorman in, and nobody else", async (context) => {
    const { stage, roomJid } = context;
    await fillRoom(stage, roomJid);
    await stage.configureRoom(roomJid, "alice", { maxusers: "2" });
    const marie = { roomJid, nickname: "Marie", username: "marie", affiliation: Affiliation.NONE };
    const refused = await stage.putOccupant(marie).catch((error: unknown) => error);
    assert.match(String(refused), "could not join");
    const client = stage.doorman.client(RoomService, stage.key);
    await client.kickOccupant({ roomJid, nickname: "Bob" });
    const { occupants } = await client.listOccupants({ roomJid });
    assert.equal(
      occupants.map(({ nickname }) => nickname),
      ["Alice"],
    );
  });

  contract(
    "KickOccupant: a nickname in another spelling is the one that the room has",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid);
      const client = stage.doorman.client(RoomService, stage.key);
      const fullWidth = "\uff22\uff4f\uff42";
      const { nicknames } = await client.kickOccupant({ roomJid, nickname: fullWidth });
      assert.equal(nicknames, ["Bob"]);
      assert.equal(await stage.nicknames(roomJid), ["Alice"]);
    },
  );

  contract("KickOccupant: by JID kicks all of the user's sessions", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid);
    await stage.putSession({ roomJid, nickname: "Robert", username: "bob" });
    const client = stage.doorman.client(RoomService, stage.key);
    const { nicknames } = await client.kickOccupant({ roomJid, userJid: BOB, reason: "Too loud" });
    assert.equal([...nicknames].sort(), ["Bob", "Robert"]);
    assert.equal(await stage.nicknames(roomJid), ["Alice"]);
  });

  contract(
    "KickOccupant: by JID of somebody who is not there is OCCUPANT_NOT_FOUND",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid);
      const client = stage.doorman.client(RoomService, stage.key);
      const call = client.kickOccupant({ roomJid, userJid: `marie@${HOST}` });
      await rejects(call, Code.NotFound, ErrorReason.OCCUPANT_NOT_FOUND);
    },
  );

  contract("KickOccupant: takes a nickname or a JID", async ({ stage, roomJid }) => {
    const client = stage.doorman.client(RoomService, stage.key);
    const both = client.kickOccupant({ roomJid, nickname: "Bob", userJid: BOB });
    await rejects(both, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
    const neither = client.kickOccupant({ roomJid });
    await rejects(neither, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  });

  contract(
    "KickUser: kicks the user out of every room, hidden ones too, and nobody else",
    async ({ stage, roomJid }) => {
      const jids = [`a-${roomJid}`, `b-${roomJid}`, `c-${roomJid}`];
      const user = { nickname: "Michael", username: "michael", affiliation: Affiliation.NONE };
      for (const jid of jids) await fillRoom(stage, jid);
      for (const jid of jids.slice(0, 2)) await stage.putOccupant({ ...user, roomJid: jid });
      await stage.configureRoom(jids[0] ?? "", "alice", { publicroom: "0" });
      const client = stage.doorman.client(RoomService, stage.key);
      const kick = { userJid: `michael@${HOST}`, mucDomain: MUC_DOMAIN, reason: "Too loud" };
      const { rooms, failed } = await client.kickUser(kick);
      assert.equal(
        rooms.map((room) => [room.roomJid, room.nicknames, room.error]),
        jids.slice(0, 2).map((jid) => [jid, ["Michael"], undefined]),
      );
      assert.is(failed, 0);
      for (const jid of jids) {
        const { occupants } = await client.listOccupants({ roomJid: jid });
        assert.equal(
          occupants.map(({ nickname }) => nickname),
          ["Alice", "Bob"],
        );
      }
      assert.equal((await client.kickUser({ userJid: kick.userJid })).rooms, []);
    },
  );
}
