import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { EjabberdApi } from "../src/chat-server/xmpp/ejabberd-api.js";
import { EjabberdRoomSearch } from "../src/chat-server/xmpp/rooms/ejabberd-room-search.js";
import { EjabberdRosters } from "../src/chat-server/xmpp/rosters/ejabberd-rosters.js";
import { DoormanError } from "../src/errors/doorman-error.js";
import { type EjabberdStage, startEjabberdStage } from "./contract/ejabberd-stage.js";
import { fillRoom } from "./contract/fill-room.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { startEjabberd } from "./support/ejabberd.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const JOHN = `john@${HOST}`;
const MARIE = `marie@${HOST}`;

const RELEASES = (["12", "13"] as const).filter((release) =>
  ejabberdIsThere(`ejabberd of Debian ${release}`, release),
);

const ejabberd = suite<{ stage: EjabberdStage | undefined }>("ejabberd: what users and faults see");

ejabberd.after.each(async (context) => {
  await context.stage?.close().catch(() => {});
  context.stage = undefined;
});

ejabberd("a kicked occupant receives status 307 and the reason", async (context) => {
  const stage = await startEjabberdStage();
  context.stage = stage;
  const roomJid = `effects@${MUC_DOMAIN}`;
  await fillRoom(stage, roomJid);
  const bob = await stage.user("bob");
  bob.forget();
  const rooms = stage.doorman.client(RoomService, stage.key);
  await rooms.kickOccupant({ roomJid, nickname: "Bob", reason: "Too loud" });
  const kicked = await bob.nextStanza(
    (stanza) => stanza.is("presence") && stanza.getAttr("from") === `${roomJid}/Bob`,
  );
  const x = kicked.getChild("x", "http://jabber.org/protocol/muc#user");
  assert.ok(x?.getChildren("status").some((status) => status.getAttr("code") === "307"));
  assert.is(x?.getChild("item")?.getChildText("reason"), "Too loud");
});

ejabberd("nobody is in a room that has gone since it was listed", async (context) => {
  const stage = await startEjabberdStage();
  context.stage = stage;
  const { apiUrl: url, adminJid: jid } = stage.ejabberd;
  const readPassword = () => stage.ejabberd.password("doorman");
  const api = new EjabberdApi({ url, jid, readPassword, maxOutstanding: 4 });
  const search = new EjabberdRoomSearch(api);
  const { signal } = new AbortController();
  assert.is(await search.isInside(`gone@${MUC_DOMAIN}`, JOHN, signal), false);
});

ejabberd("renamed and removed contacts arrive as roster pushes", async (context) => {
  const stage = await startEjabberdStage();
  context.stage = stage;
  const rosters = stage.doorman.client(RosterService, stage.key);
  await rosters.replaceRoster({ userJid: JOHN, contacts: [{ jid: MARIE, name: "Marie" }] });
  const john = await stage.user("john");
  await john.roster();
  john.forget();
  await rosters.setContact({ userJid: JOHN, contact: { jid: MARIE, name: "Mary" } });
  const renamed = await john.nextRosterPush();
  assert.equal([renamed.jid, renamed.name, renamed.subscription], [MARIE, "Mary", "both"]);
  await rosters.removeContact({ userJid: JOHN, contactJid: MARIE });
  const removed = await john.nextRosterPush();
  assert.equal([removed.jid, removed.subscription], [MARIE, "remove"]);
});

ejabberd("a command that is not permitted is named, with what to do", async (context) => {
  const stage = await startEjabberdStage({
    alter: (doormanYml) => doormanYml.replace("      - get_roster\n", ""),
  });
  context.stage = stage;
  const rosters = stage.doorman.client(RosterService, stage.key);
  const call = rosters.getRoster({ userJid: JOHN });
  await rejects(call, Code.Unimplemented, ErrorReason.SERVER_LACKS_FEATURE);
  assert.match(String(await rosters.getRoster({ userJid: JOHN }).catch(String)), "get_roster");
});

ejabberd("where its API is not configured the rosters' advice is ejabberd's", async (context) => {
  const stage = await startEjabberdStage({}, { ejabberd_api: undefined });
  context.stage = stage;
  const rosters = stage.doorman.client(RosterService, stage.key);
  const calls = [
    rosters.getRoster({ userJid: JOHN }),
    rosters.setContact({ userJid: JOHN, contact: { jid: MARIE } }),
  ];
  const advice = /in front of ejabberd, .* set xmpp\.ejabberd_api/;
  for (const error of await Promise.all(calls.map((call) => call.catch(String)))) {
    assert.match(String(error), advice);
  }
});

ejabberd("an address that is not its API's is named", async (context) => {
  const stage = await startEjabberdStage();
  context.stage = stage;
  const { apiUrl, adminJid: jid, service } = stage.ejabberd;
  const readPassword = () => stage.ejabberd.password("doorman");
  const { signal } = new AbortController();
  for (const url of [new URL(apiUrl).origin, `${apiUrl}s`, service.replace("xmpp:", "http:")]) {
    const api = new EjabberdApi({ url, jid, readPassword, maxOutstanding: 4 });
    const call = new EjabberdRosters(api).get(JOHN, signal);
    const error = await call.catch((thrown: unknown) => thrown);
    assert.instance(error, DoormanError);
    const { reason, message } = error as DoormanError;
    assert.is(ErrorReason[reason], "SERVER_LACKS_FEATURE");
    assert.match(message, `What is at ${url} is not ejabberd's API`);
  }
});

ejabberd(
  "a group that ejabberd 23.01 cannot keep is refused before anything is changed",
  async (context) => {
    const stage = await startEjabberdStage();
    context.stage = stage;
    const rosters = stage.doorman.client(RosterService, stage.key);
    await rosters.replaceRoster({ userJid: JOHN, contacts: [{ jid: MARIE }] });
    const unfit = { jid: `aaron@${HOST}`, groups: ["fit", "a;b"] };
    const contacts = [{ jid: `bob@${HOST}` }, unfit];
    const calls = {
      "contact.groups[1]": () => rosters.setContact({ userJid: JOHN, contact: unfit }),
      "contacts[1].groups[1]": () => rosters.replaceRoster({ userJid: JOHN, contacts }),
    };
    for (const [field, call] of Object.entries(calls)) {
      const { metadata } = await rejects(call(), Code.InvalidArgument, ErrorReason.INVALID_FIELD);
      assert.is(metadata.field, field);
    }
    stage.contactsApp.rosters.set("john", { [`bob@${HOST}`]: {}, [unfit.jid]: unfit });
    const { results } = await rosters.refreshRosters({ usernames: ["john"] });
    const outcome = results[0]?.outcome;
    assert.is(outcome?.case, "error");
    if (outcome?.case === "error") {
      assert.is(outcome.value.detail?.reason, ErrorReason.CONTACTS_APP_FAILED);
      assert.match(outcome.value.message, `${unfit.jid}.groups[1]: ejabberd cannot keep`);
    }
    assert.equal(
      (await stage.contacts("john")).map(({ jid }) => jid),
      [MARIE],
    );
  },
);

const STOCK_MUC = `
    access_create: local
    access_persistent: local
`;
for (const release of RELEASES) {
  ejabberd(
    `Debian ${release}: mod_muc is refused twice, and starts with copied options`,
    async () => {
      const twice = startEjabberd({
        release,
        alterStock: (stock) => stock.replace("modules:\n", `modules:\n  mod_muc:${STOCK_MUC}`),
      });
      assert.match(String(await twice.catch(String)), "Duplicated option: mod_muc");
      const copied = STOCK_MUC.replaceAll("\n    ", "\n        ");
      const running = await startEjabberd({
        release,
        alter: (doormanYml) => doormanYml.replaceAll("      mod_muc:\n", `      mod_muc:${copied}`),
      });
      await running.stop();
    },
  );
}

if (RELEASES.includes("13")) {
  ejabberd("a semicolon in a group's name is kept by ejabberd 24.12", async (context) => {
    const stage = await startEjabberdStage({ release: "13" });
    context.stage = stage;
    const rosters = stage.doorman.client(RosterService, stage.key);
    const contact = { jid: MARIE, name: "Marie", groups: ["Chess; cards", "Work"] };
    await rosters.setContact({ userJid: JOHN, contact });
    assert.equal(await stage.contacts("john"), [{ ...contact, subscription: "both" }]);
    const { changes } = await rosters.replaceRoster({ userJid: JOHN, contacts: [contact] });
    assert.equal([changes?.added, changes?.changed, changes?.removed], [0, 0, 0]);
  });
}

ejabberd("while it is away calls are Unavailable, and work resumes by itself", async (context) => {
  const stage = await startEjabberdStage();
  context.stage = stage;
  const rosters = stage.doorman.client(RosterService, stage.key);
  await stage.ejabberd.halt();
  const call = rosters.getRoster({ userJid: JOHN });
  await rejects(call, Code.Unavailable, ErrorReason.SERVER_UNAVAILABLE);
  await stage.ejabberd.restart();
  await stage.doorman.untilReady();
  assert.equal((await rosters.getRoster({ userJid: JOHN })).contacts, []);
});

if (ejabberdIsThere("ejabberd: what users and faults see")) ejabberd.run();
