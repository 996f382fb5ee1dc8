import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { Affiliation, Role } from "../../gen/doorman/v1/room_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { rejects } from "../support/rejects.js";
import type { ContractSuite } from "./contract-suite.js";
import { fillRoom } from "./fill-room.js";
import { HOST } from "./stage.js";

const ALICE = `alice@${HOST}`;
const BOB = `bob@${HOST}`;

/** Adds the cases of the RoomService. */
export function addRoomCases(contract: ContractSuite): void {
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

  contract(
    "ListOccupants: answers nickname, JID, role and affiliation, without Doorman",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid, Affiliation.MEMBER);
      const client = stage.doorman.client(RoomService, stage.key);
      const { occupants } = await client.listOccupants({ roomJid });
      assert.equal(
        occupants.map(({ nickname, userJid, role, affiliation }) => [
          nickname,
          userJid,
          role,
          affiliation,
        ]),
        [
          ["Alice", ALICE, Role.MODERATOR, Affiliation.OWNER],
          ["Bob", BOB, Role.PARTICIPANT, Affiliation.MEMBER],
        ],
      );
    },
  );

  contract("ListOccupants: pages by nickname", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid);
    const client = stage.doorman.client(RoomService, stage.key);
    const first = await client.listOccupants({ roomJid, pageSize: 1 });
    const second = await client.listOccupants({
      roomJid,
      pageSize: 1,
      pageToken: first.nextPageToken,
    });
    const nicknames = [...first.occupants, ...second.occupants].map(({ nickname }) => nickname);
    assert.equal(nicknames, ["Alice", "Bob"]);
    assert.is(second.nextPageToken, "");
  });

  contract("ListOccupants: a missing room is ROOM_NOT_FOUND", async ({ stage, roomJid }) => {
    const client = stage.doorman.client(RoomService, stage.key);
    await rejects(client.listOccupants({ roomJid }), Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
  });
}
