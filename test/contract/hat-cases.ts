import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { HatService } from "../../gen/doorman/v1/hat_service_pb.js";
import { Affiliation } from "../../gen/doorman/v1/room_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { rejects } from "../support/rejects.js";
import type { ContractSuite } from "./contract-suite.js";
import { fillRoom } from "./fill-room.js";
import { HOST } from "./stage.js";

const ALICE = `alice@${HOST}`;
const BOB = `bob@${HOST}`;
const TEACHER = "http://example.com/hats/teacher";
const TUTOR = "urn:uuid:164c41a2-7461-4cff-bdae-3f93078a6607";

/** Adds the cases of the HatService. */
export function addHatCases(contract: ContractSuite): void {
  contract(
    "AddUserHat: an active hat is shown, and answered by GetUserHats and ListOccupants",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid, Affiliation.MEMBER);
      const client = stage.doorman.client(HatService, stage.key);
      const attachment = { active: true, required: true, title: "Teacher" };
      await client.addUserHat({ userJid: BOB, roomJid, hatId: TEACHER, attachment });
      const { hats } = await client.getUserHats({ userJid: BOB, roomJid });
      assert.equal(
        Object.entries(hats).map(([id, hat]) => [id, hat.active, hat.required, hat.title]),
        [[TEACHER, true, true, "Teacher"]],
      );
      assert.equal(await stage.shownHats(roomJid, "Bob"), new Map([[TEACHER, "Teacher"]]));
      const { occupants } = await stage.doorman
        .client(RoomService, stage.key)
        .listOccupants({ roomJid });
      const bob = occupants.find(({ nickname }) => nickname === "Bob");
      assert.equal(Object.keys(bob?.hats ?? {}), [TEACHER]);
    },
  );

  contract(
    "AddUserHat: without an attachment the hat is kept and not shown",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid, Affiliation.MEMBER);
      const client = stage.doorman.client(HatService, stage.key);
      await client.addUserHat({ userJid: BOB, roomJid, hatId: TUTOR });
      const { hats } = await client.getUserHats({ userJid: BOB, roomJid });
      assert.is(hats[TUTOR]?.active, false);
      assert.is((await stage.shownHats(roomJid, "Bob")).size, 0);
    },
  );

  contract(
    "AddUserHat: an active hat that is given again as inactive is shown no more",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid, Affiliation.MEMBER);
      const client = stage.doorman.client(HatService, stage.key);
      await client.addUserHat({
        userJid: BOB,
        roomJid,
        hatId: TUTOR,
        attachment: { active: true, title: "Tutor" },
      });
      await client.addUserHat({
        userJid: BOB,
        roomJid,
        hatId: TUTOR,
        attachment: { title: "Tutor" },
      });
      assert.is((await stage.shownHats(roomJid, "Bob")).size, 0);
    },
  );

  contract(
    "RemoveUserHat: takes a hat away, and one that is not there too",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid, Affiliation.MEMBER);
      const client = stage.doorman.client(HatService, stage.key);
      await client.addUserHat({
        userJid: BOB,
        roomJid,
        hatId: TUTOR,
        attachment: { active: true },
      });
      await client.removeUserHat({ userJid: BOB, roomJid, hatId: TUTOR });
      await client.removeUserHat({ userJid: BOB, roomJid, hatId: TUTOR });
      const { hats } = await client.getUserHats({ userJid: BOB, roomJid });
      assert.equal(Object.keys(hats), []);
      assert.is((await stage.shownHats(roomJid, "Bob")).size, 0);
    },
  );

  contract("SetUserHats: the map replaces all hats", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid, Affiliation.MEMBER);
    const client = stage.doorman.client(HatService, stage.key);
    await client.addUserHat({ userJid: BOB, roomJid, hatId: TUTOR, attachment: { active: true } });
    await client.setUserHats({
      userJid: BOB,
      roomJid,
      hats: { [TEACHER]: { active: true, title: "Teacher" } },
    });
    assert.equal(await stage.shownHats(roomJid, "Bob"), new Map([[TEACHER, "Teacher"]]));
    await client.setUserHats({ userJid: BOB, roomJid, hats: {} });
    assert.is((await stage.shownHats(roomJid, "Bob")).size, 0);
  });

  contract("SetUserHats: ten hats take the place of ten others", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid, Affiliation.MEMBER);
    const client = stage.doorman.client(HatService, stage.key);
    for (const set of ["old", "new"]) {
      const ids = Array.from({ length: 10 }, (_, index) => `urn:hat:${set}:${index}`);
      const hats = Object.fromEntries(ids.map((id) => [id, { active: true, title: `The ${id}` }]));
      await client.setUserHats({ userJid: BOB, roomJid, hats });
      const shown = await stage.shownHats(roomJid, "Bob");
      assert.equal([...shown].sort(), ids.map((id) => [id, `The ${id}`]).sort());
      const answer = await client.getUserHats({ userJid: BOB, roomJid });
      assert.equal(Object.keys(answer.hats).sort(), ids);
    }
  });

  contract(
    "SetUserHats: what is attached to a hat changes with it, and inactive ones are kept",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid, Affiliation.MEMBER);
      const client = stage.doorman.client(HatService, stage.key);
      const sets: Record<string, object>[] = [
        { [TEACHER]: { active: true, title: "Teacher" }, [TUTOR]: { title: "Tutor" } },
        { [TEACHER]: { title: "Head" }, [TUTOR]: { active: true, required: true, title: "Guide" } },
      ];
      for (const hats of sets) {
        await client.setUserHats({ userJid: BOB, roomJid, hats });
        const answer = await client.getUserHats({ userJid: BOB, roomJid });
        for (const [id, { active, required, title }] of Object.entries(answer.hats)) {
          assert.equal(
            { active, required, title },
            { active: false, required: false, ...hats[id] },
          );
        }
        assert.equal(Object.keys(answer.hats).sort(), Object.keys(hats).sort());
      }
      assert.equal(await stage.shownHats(roomJid, "Bob"), new Map([[TUTOR, "Guide"]]));
    },
  );

  contract("SetUserHats: of many at once one counts, as a whole", async ({ stage, roomJid }) => {
    await fillRoom(stage, roomJid, Affiliation.MEMBER);
    const client = stage.doorman.client(HatService, stage.key);
    const sets = ["a", "b", "c", "d"].map((set) => [1, 2, 3].map((hat) => `urn:hat:${set}${hat}`));
    await Promise.all(
      sets.map((ids) => {
        const hats = Object.fromEntries(ids.map((id) => [id, { active: true, title: id }]));
        return client.setUserHats({ userJid: BOB, roomJid, hats });
      }),
    );
    const { hats } = await client.getUserHats({ userJid: BOB, roomJid });
    const worn = Object.keys(hats).sort();
    assert.ok(
      sets.some((ids) => ids.join() === worn.join()),
      worn.join(),
    );
    assert.equal([...(await stage.shownHats(roomJid, "Bob")).keys()].sort(), worn);
  });

  contract(
    "ListRoomHats: everybody with their hats, the inactive ones too, in pages",
    async ({ stage, roomJid }) => {
      await fillRoom(stage, roomJid, Affiliation.MEMBER);
      const client = stage.doorman.client(HatService, stage.key);
      assert.equal((await client.listRoomHats({ roomJid })).users, []);
      const attachment = { active: true, title: "Teacher" };
      await client.addUserHat({ userJid: BOB, roomJid, hatId: TEACHER, attachment });
      await client.addUserHat({ userJid: BOB, roomJid, hatId: TUTOR });
      await client.addUserHat({ userJid: ALICE, roomJid, hatId: TEACHER, attachment });
      const first = await client.listRoomHats({ roomJid, pageSize: 1 });
      const { nextPageToken: pageToken } = first;
      const second = await client.listRoomHats({ roomJid, pageSize: 1, pageToken });
      assert.is(second.nextPageToken, "");
      assert.equal(
        [...first.users, ...second.users].map(({ userJid, hats }) => [
          userJid,
          Object.entries(hats)
            .map(([id, { active, title }]) => [id, active, title])
            .sort(),
        ]),
        [
          [ALICE, [[TEACHER, true, "Teacher"]]],
          [
            BOB,
            [
              [TEACHER, true, "Teacher"],
              [TUTOR, false, ""],
            ],
          ],
        ],
      );
      await client.setUserHats({ userJid: BOB, roomJid, hats: {} });
      const { users } = await client.listRoomHats({ roomJid });
      assert.equal(
        users.map(({ userJid }) => userJid),
        [ALICE],
      );
    },
  );

  contract("ListRoomHats: a missing room is told", async ({ stage, roomJid }) => {
    const call = stage.doorman.client(HatService, stage.key).listRoomHats({ roomJid });
    await rejects(call, Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
  });

  contract(
    "Hats: a missing room and a user without affiliation are told apart",
    async ({ stage, roomJid }) => {
      const client = stage.doorman.client(HatService, stage.key);
      const attachment = { active: true };
      const calls = [
        () => client.addUserHat({ userJid: BOB, roomJid, hatId: TUTOR, attachment }),
        () => client.addUserHat({ userJid: BOB, roomJid, hatId: TUTOR }),
        () => client.removeUserHat({ userJid: BOB, roomJid, hatId: TUTOR }),
        () => client.setUserHats({ userJid: BOB, roomJid, hats: {} }),
        () => client.getUserHats({ userJid: BOB, roomJid }),
      ];
      for (const call of calls) await rejects(call(), Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
      await fillRoom(stage, roomJid, Affiliation.NONE);
      for (const call of calls)
        await rejects(call(), Code.NotFound, ErrorReason.USER_NOT_AFFILIATED);
    },
  );
}
