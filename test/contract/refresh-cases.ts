import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { InvitePurpose } from "../../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { PATIENCE_MS } from "../support/patience.js";
import type { ContractSuite } from "./contract-suite.js";
import { newName } from "./redemption-cases.js";
import { HOST } from "./stage.js";

const PASSWORD = "known to nobody else";
const JOHN = `john@${HOST}`;

/** Adds the cases of RefreshRosters, and of what refreshes rosters by itself. */
export function addRefreshCases(contract: ContractSuite): void {
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

  contract("Refresh at login: the roster of a user who comes online", async ({ stage }) => {
    // Nobody who has logged in before.
    const username = newName();
    const invites = stage.doorman.client(InviteService, stage.key);
    const { invite } = await invites.createInvite({ purpose: InvitePurpose.GROUP, maxUses: 1 });
    await invites.redeemInvite({ token: invite?.token ?? "", username, password: PASSWORD });
    // Only now, because redeeming refreshes too.
    stage.contactsApp.rosters.set(username, { [`marie@${HOST}`]: { groups: ["Work"] } });
    const seen = async () => await stage.contacts(username, PASSWORD);
    const deadline = Date.now() + PATIENCE_MS;
    while ((await seen()).length === 0 && Date.now() < deadline) await sleep(50);
    assert.equal(await seen(), [
      { jid: `marie@${HOST}`, name: "", groups: ["Work"], subscription: "both" },
    ]);
  });

  contract(
    "RefreshRostersWithProgress: tells of each user as it is done, and how it ended",
    async ({ stage }) => {
      const client = stage.doorman.client(RosterService, stage.key);
      await client.replaceRoster({ userJid: JOHN, contacts: [] });
      stage.contactsApp.rosters.set("john", { [`marie@${HOST}`]: {} }).set("nobody", {});
      const told: string[] = [];
      const usernames = ["john", "nobody"];
      for await (const message of client.refreshRostersWithProgress({ usernames })) {
        const { done, of, result, summary } = message;
        told.push(`${done}/${of}`);
        if (result?.username === "john") assert.is(result.outcome.case, "changes");
        if (result?.username === "nobody") {
          assert.is(result.outcome.case, "error");
          const detail = result.outcome.case === "error" ? result.outcome.value.detail : undefined;
          assert.is(detail?.reason, ErrorReason.USER_NOT_FOUND);
        }
        if (summary) assert.equal([summary.updated, summary.errors], [1, 1]);
      }
      assert.equal(told, ["0/2", "1/2", "2/2", "2/2"]);
      assert.is((await stage.contacts("john"))[0]?.jid, `marie@${HOST}`);
    },
  );
}
