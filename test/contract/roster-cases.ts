import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { Subscription } from "../../gen/doorman/v1/roster_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { rejects } from "../support/rejects.js";
import type { ContractSuite } from "./contract-suite.js";
import { HOST } from "./stage.js";

const JOHN = `john@${HOST}`;

/** Adds the cases of the RosterService, without refreshes. */
export function addRosterCases(contract: ContractSuite): void {
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
    "ReplaceRoster: of many at once all succeed, and one counts as a whole",
    async ({ stage }) => {
      const client = stage.doorman.client(RosterService, stage.key);
      await client.replaceRoster({ userJid: JOHN, contacts: [] });
      const rosters = ["a", "b", "c", "d"].map((roster) =>
        [1, 2, 3, 4, 5, 6].map((contact) => `${roster}${contact}@${HOST}`),
      );
      await Promise.all(
        rosters.map((jids) =>
          client.replaceRoster({ userJid: JOHN, contacts: jids.map((jid) => ({ jid })) }),
        ),
      );
      const jids = (await stage.contacts("john")).map(({ jid }) => jid).sort();
      assert.ok(
        rosters.some((roster) => roster.join() === jids.join()),
        jids.join(),
      );
    },
  );

  contract(
    "SetContact and RemoveContact: at the same time as ReplaceRoster, none fails",
    async ({ stage }) => {
      const client = stage.doorman.client(RosterService, stage.key);
      const kept = `kept@${HOST}`;
      await client.replaceRoster({ userJid: JOHN, contacts: [{ jid: kept }] });
      const contacts = Array.from({ length: 20 }, (_, index) => ({ jid: `new${index}@${HOST}` }));
      await Promise.all([
        client.setContact({ userJid: JOHN, contact: { jid: kept, name: "Kept" } }),
        client.replaceRoster({ userJid: JOHN, contacts: [...contacts, { jid: kept }] }),
        client.setContact({ userJid: JOHN, contact: { jid: kept, name: "Kept again" } }),
        client.removeContact({ userJid: JOHN, contactJid: kept }),
      ]);
      const jids = (await stage.contacts("john")).map(({ jid }) => jid);
      assert.equal(
        jids.filter((jid) => jid !== kept).sort(),
        contacts.map(({ jid }) => jid).sort(),
      );
    },
  );
}
