import { Code } from "@connectrpc/connect";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { HatService } from "../../gen/doorman/v1/hat_service_pb.js";
import { InviteState } from "../../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { Affiliation, Role } from "../../gen/doorman/v1/room_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { Subscription } from "../../gen/doorman/v1/roster_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { rejects } from "../support/rejects.js";
import { HOST, MUC_DOMAIN, type Stage } from "./stage.js";

const ALICE = `alice@${HOST}`;
const BOB = `bob@${HOST}`;
const JOHN = `john@${HOST}`;
const TEACHER = "http://example.com/hats/teacher";
const TUTOR = "urn:uuid:164c41a2-7461-4cff-bdae-3f93078a6607";

/**
 * Plays the same cases on any chat server. The stage is set once, at the first case, because a real
 * server takes a while; each case has a room of its own and puts rosters into the state it needs.
 */
export function contractSuite(server: string, start: () => Promise<Stage>): void {
  let stage: Promise<Stage> | undefined;
  let rooms = 0;
  const contract = suite<{ stage: Stage; roomJid: string }>(`contract: ${server}`);

  contract.before.each(async (context) => {
    stage ??= start();
    context.stage = await stage;
    context.roomJid = `room${++rooms}@${MUC_DOMAIN}`;
  });
  contract.after(async () => (await stage)?.close());

  /** Puts Alice in the room as its owner, and Bob. */
  async function fillRoom(
    on: Stage,
    roomJid: string,
    affiliation = Affiliation.NONE,
  ): Promise<void> {
    const owner = { roomJid, nickname: "Alice", username: "alice", affiliation: Affiliation.OWNER };
    await on.putOccupant(owner);
    await on.putOccupant({ roomJid, nickname: "Bob", username: "bob", affiliation });
  }

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
    assert.is(stanza?.condition, "item-not-found");
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

  contract("GetRoster: an unknown user is USER_NOT_FOUND", async ({ stage }) => {
    const client = stage.doorman.client(RosterService, stage.key);
    const call = client.getRoster({ userJid: `nobody@${HOST}` });
    await rejects(call, Code.NotFound, ErrorReason.USER_NOT_FOUND);
  });

  contract("SetContact: adds, then replaces name, groups and subscription", async ({ stage }) => {
    const client = stage.doorman.client(RosterService, stage.key);
    await client.replaceRoster({ userJid: JOHN, contacts: [] });
    const jid = `marie@${HOST}`;
    const added = await client.setContact({
      userJid: JOHN,
      contact: { jid, name: "Marie", groups: ["Work"] },
    });
    assert.is(added.contact?.subscription, Subscription.BOTH);
    const seen = { jid, name: "Marie", groups: ["Work"], subscription: "both" };
    assert.equal(await stage.contacts("john"), [seen]);
    const replaced = {
      jid,
      name: "Mary",
      groups: ["Chess", "Home"],
      subscription: Subscription.TO,
    };
    await client.setContact({ userJid: JOHN, contact: replaced });
    assert.equal(await stage.contacts("john"), [
      { jid, name: "Mary", groups: ["Chess", "Home"], subscription: "to" },
    ]);
  });

  contract("SetContact: a name that is left out is no name", async ({ stage }) => {
    const client = stage.doorman.client(RosterService, stage.key);
    await client.replaceRoster({
      userJid: JOHN,
      contacts: [{ jid: `marie@${HOST}`, name: "Marie" }],
    });
    await client.setContact({ userJid: JOHN, contact: { jid: `marie@${HOST}` } });
    assert.is((await stage.contacts("john"))[0]?.name, "");
  });

  contract("SetContact: an unknown user is USER_NOT_FOUND", async ({ stage }) => {
    const client = stage.doorman.client(RosterService, stage.key);
    const call = client.setContact({ userJid: `nobody@${HOST}`, contact: { jid: JOHN } });
    await rejects(call, Code.NotFound, ErrorReason.USER_NOT_FOUND);
  });

  contract(
    "RemoveContact: removes, and an absent contact is CONTACT_NOT_FOUND",
    async ({ stage }) => {
      const client = stage.doorman.client(RosterService, stage.key);
      await client.replaceRoster({ userJid: JOHN, contacts: [{ jid: `marie@${HOST}` }] });
      const remove = () => client.removeContact({ userJid: JOHN, contactJid: `marie@${HOST}` });
      await remove();
      assert.equal(await stage.contacts("john"), []);
      await rejects(remove(), Code.NotFound, ErrorReason.CONTACT_NOT_FOUND);
    },
  );

  contract("ReplaceRoster: says what it added, changed and removed", async ({ stage }) => {
    const client = stage.doorman.client(RosterService, stage.key);
    const contact = (username: string, name = "") => ({ jid: `${username}@${HOST}`, name });
    await client.replaceRoster({
      userJid: JOHN,
      contacts: [contact("marie"), contact("aaron"), contact("bob")],
    });
    const { changes } = await client.replaceRoster({
      userJid: JOHN,
      contacts: [contact("marie"), contact("aaron", "Aaron"), contact("alice"), contact("michael")],
    });
    assert.equal([changes?.added, changes?.changed, changes?.removed], [2, 1, 1]);
    const jids = (await stage.contacts("john")).map(({ jid }) => jid).sort();
    assert.equal(
      jids,
      ["aaron", "alice", "marie", "michael"].map((name) => `${name}@${HOST}`),
    );
  });

  contract(
    "RefreshRosters: changes what differs, and says unchanged the second time",
    async ({ stage }) => {
      const client = stage.doorman.client(RosterService, stage.key);
      await client.replaceRoster({
        userJid: JOHN,
        contacts: [{ jid: `bob@${HOST}` }, { jid: `marie@${HOST}` }],
      });
      stage.contactsApp.rosters.set("john", {
        [`marie@${HOST}`]: { name: "Marie", groups: ["Work"] },
        [`michael@${HOST}`]: { name: "Michael", groups: { Chess: true } },
      });
      const first = await client.refreshRosters({ usernames: ["john"] });
      assert.equal([first.status, first.updated, first.errors], ["ok", 1, 0]);
      const outcome = first.results[0]?.outcome;
      assert.is(outcome?.case, "changes");
      if (outcome?.case === "changes") {
        const { added, changed, removed } = outcome.value;
        assert.equal([added, changed, removed], [1, 1, 1]);
      }
      const byJid = (one: { jid: string }, other: { jid: string }) =>
        one.jid < other.jid ? -1 : 1;
      assert.equal((await stage.contacts("john")).sort(byJid), [
        { jid: `marie@${HOST}`, name: "Marie", groups: ["Work"], subscription: "both" },
        { jid: `michael@${HOST}`, name: "Michael", groups: ["Chess"], subscription: "both" },
      ]);
      const second = await client.refreshRosters({ usernames: ["john"] });
      assert.is(second.results[0]?.outcome.case, "unchanged");
      assert.is(second.updated, 1);
    },
  );

  contract("RefreshRosters: a dry run reports the same and changes nothing", async ({ stage }) => {
    const client = stage.doorman.client(RosterService, stage.key);
    await client.replaceRoster({ userJid: JOHN, contacts: [{ jid: `bob@${HOST}`, name: "Bob" }] });
    const before = await stage.contacts("john");
    stage.contactsApp.rosters.set("john", { [`marie@${HOST}`]: {} });
    const { results, updated } = await client.refreshRosters({ usernames: ["john"], dryRun: true });
    assert.is(results[0]?.outcome.case, "changes");
    assert.is(updated, 1);
    assert.equal(await stage.contacts("john"), before);
  });

  contract("RefreshRosters: one user's failure does not stop the others", async ({ stage }) => {
    const client = stage.doorman.client(RosterService, stage.key);
    stage.contactsApp.rosters.set("john", {}).set("nobody", {}).set("aaron", 500);
    const answer = await client.refreshRosters({
      usernames: ["nobody", "aaron", "john", "nobody"],
    });
    assert.equal([answer.status, answer.updated, answer.errors], ["ok", 1, 2]);
    const reasons = answer.results.map(({ username, outcome }) => [
      username,
      outcome.case === "error" ? outcome.value.detail?.reason : undefined,
    ]);
    assert.equal(reasons, [
      ["nobody", ErrorReason.USER_NOT_FOUND],
      ["aaron", ErrorReason.CONTACTS_APP_FAILED],
      ["john", undefined],
    ]);
  });

  contract(
    "RefreshRosters: is error when nothing succeeded, and the roster stays",
    async ({ stage }) => {
      const client = stage.doorman.client(RosterService, stage.key);
      await client.replaceRoster({ userJid: JOHN, contacts: [{ jid: `bob@${HOST}` }] });
      stage.contactsApp.rosters.set("john", 404);
      const { status, updated, errors } = await client.refreshRosters({ usernames: ["john"] });
      assert.equal([status, updated, errors], ["error", 0, 1]);
      assert.is((await stage.contacts("john")).length, 1);
    },
  );

  contract(
    "RefreshRosters: five at once for one user all end in the asked state",
    async ({ stage }) => {
      const client = stage.doorman.client(RosterService, stage.key);
      await client.replaceRoster({ userJid: JOHN, contacts: [{ jid: `bob@${HOST}` }] });
      stage.contactsApp.rosters.set("john", { [`marie@${HOST}`]: {}, [`aaron@${HOST}`]: {} });
      const calls = Array.from({ length: 5 }, () => client.refreshRosters({ usernames: ["john"] }));
      for (const { status } of await Promise.all(calls)) assert.is(status, "ok");
      const jids = (await stage.contacts("john")).map(({ jid }) => jid).sort();
      assert.equal(jids, [`aaron@${HOST}`, `marie@${HOST}`]);
    },
  );

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

  contract(
    "CreateInvite: the server's own has token, URI and page, and its state is unknown",
    async ({ stage }) => {
      const client = stage.doorman.client(InviteService, stage.key);
      const { invite } = await client.createInvite({ note: "for Carol" });
      assert.match(invite?.uri ?? "", `register;preauth=${invite?.token}`);
      assert.is(invite?.landingPageUrl, `${stage.doorman.url}/invite?${invite?.token}`);
      assert.is(invite?.state, InviteState.UNKNOWN);
      assert.is(invite?.note, "for Carol");
      assert.ok(invite?.expireTime !== undefined);
      const { invites } = await client.listInvites({});
      assert.ok(invites.some(({ token }) => token === invite?.token));
    },
  );

  contract(
    "CreateInvite: what the server cannot do is refused, never ignored",
    async ({ stage }) => {
      const client = stage.doorman.client(InviteService, stage.key);
      const ttl = { case: "ttl" as const, value: { seconds: 3600n } };
      const calls = {
        username: () => client.createInvite({ username: "carol" }),
        ttl: () => client.createInvite({ expiration: ttl }),
        max_uses: () => client.createInvite({ maxUses: 2 }),
      };
      for (const [field, call] of Object.entries(calls)) {
        const { metadata } = await rejects(
          call(),
          Code.Unimplemented,
          ErrorReason.ISSUER_UNSUPPORTED,
        );
        assert.is(metadata.field, field);
      }
      const { invite } = await client.createInvite({});
      const revoke = client.revokeInvite({ token: invite?.token ?? "" });
      await rejects(revoke, Code.Unimplemented, ErrorReason.ISSUER_UNSUPPORTED);
    },
  );

  contract.run();
}
