import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { HatService } from "../../gen/doorman/v1/hat_service_pb.js";
import { Affiliation, Role } from "../../gen/doorman/v1/room_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { rejects } from "../support/rejects.js";
import type { ContractSuite } from "./contract-suite.js";
import { fillRoom } from "./fill-room.js";
import { HOST } from "./stage.js";

const ALICE = `alice@${HOST}`;
const BOB = `bob@${HOST}`;

/** Adds the cases of the RoomService that are no kicks: affiliations, and who is there. */
export function addRoomCases(contract: ContractSuite): void {
  contract(
    "SetAffiliation: is on the lists when it answers, and off them",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid);
      const client = stage.doorman.client(RoomService, stage.key);
      for (const affiliation of [
        Affiliation.MEMBER,
        Affiliation.OWNER,
        Affiliation.ADMIN,
        Affiliation.OUTCAST,
      ]) {
        await client.setAffiliation({ roomJid, userJid: `marie@${HOST}`, affiliation });
        const { affiliations } = await client.listAffiliations({ roomJid, affiliation });
        assert.ok(affiliations.some(({ userJid }) => userJid === `marie@${HOST}`));
        const { affiliations: all } = await client.listAffiliations({ roomJid });
        assert.equal(
          all.filter(({ userJid }) => userJid === `marie@${HOST}`).map((one) => one.affiliation),
          [affiliation],
        );
      }
      const affiliation = Affiliation.NONE;
      await client.setAffiliation({ roomJid, userJid: `marie@${HOST}`, affiliation });
      const { affiliations } = await client.listAffiliations({ roomJid });
      assert.not(affiliations.some(({ userJid }) => userJid === `marie@${HOST}`));
    },
  );

  contract(
    "SetAffiliation: of many calls at once for one user all succeed, and one of them stands",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid);
      const client = stage.doorman.client(RoomService, stage.key);
      const userJid = `marie@${HOST}`;
      const wanted = [Affiliation.MEMBER, Affiliation.ADMIN, Affiliation.OUTCAST, Affiliation.NONE];
      const calls = Array.from({ length: 16 }, (_, index) => {
        const affiliation = wanted[index % wanted.length] ?? Affiliation.NONE;
        return client.setAffiliation({ roomJid, userJid, affiliation });
      });
      await Promise.all(calls);
      const { affiliations } = await client.listAffiliations({ roomJid });
      assert.ok(affiliations.filter((one) => one.userJid === userJid).length <= 1);
    },
  );

  contract("SetAffiliation: who is banned has left", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid);
    const client = stage.doorman.client(RoomService, stage.key);
    const ban = { roomJid, userJid: BOB, affiliation: Affiliation.OUTCAST, reason: "Too loud" };
    await client.setAffiliation(ban);
    assert.equal(await stage.nicknames(roomJid), ["Alice"]);
    const { affiliations } = await client.listAffiliations({
      roomJid,
      affiliation: Affiliation.OUTCAST,
    });
    assert.equal(
      affiliations.map(({ userJid }) => userJid),
      [BOB],
    );
  });

  contract(
    "SetAffiliation and ListAffiliations: a missing room is ROOM_NOT_FOUND and stays missing",
    async ({ stage, roomJid }) => {
      const client = stage.doorman.client(RoomService, stage.key);
      for (const affiliation of [Affiliation.MEMBER, Affiliation.OUTCAST]) {
        const call = client.setAffiliation({ roomJid, userJid: BOB, affiliation });
        await rejects(call, Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
      }
      const list = client.listAffiliations({ roomJid });
      await rejects(list, Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
    },
  );

  contract("ListAffiliations: pages by JID", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid);
    const client = stage.doorman.client(RoomService, stage.key);
    const affiliation = Affiliation.MEMBER;
    for (const username of ["marie", "aaron", "john"]) {
      await client.setAffiliation({ roomJid, userJid: `${username}@${HOST}`, affiliation });
    }
    const list = { roomJid, affiliation, pageSize: 2 };
    const first = await client.listAffiliations(list);
    const pageToken = first.nextPageToken;
    const second = await client.listAffiliations({ ...list, pageToken });
    assert.equal(
      [first, second].map((page) => page.affiliations.map(({ userJid }) => userJid)),
      [[`aaron@${HOST}`, `john@${HOST}`], [`marie@${HOST}`]],
    );
    assert.is(second.nextPageToken, "");
  });

  contract(
    "ListOccupants: shows role, affiliation and hats after they have changed",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid);
      const client = stage.doorman.client(RoomService, stage.key);
      await client.listOccupants({ roomJid });
      const affiliation = Affiliation.ADMIN;
      await client.setAffiliation({ roomJid, userJid: BOB, affiliation });
      const hatId = "https://example.com/hats/host";
      const hats = stage.doorman.client(HatService, stage.key);
      const attachment = { active: true, title: "Host" };
      await hats.addUserHat({ roomJid, userJid: BOB, hatId, attachment });
      const { occupants } = await client.listOccupants({ roomJid });
      const bob = occupants.find(({ nickname }) => nickname === "Bob");
      assert.equal(
        [bob?.userJid, bob?.role, bob?.affiliation, bob?.hats[hatId]?.title],
        [BOB, Role.MODERATOR, Affiliation.ADMIN, "Host"],
      );
    },
  );

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
