import { Code } from "@connectrpc/connect";
import { xml } from "@xmpp/client";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { type EjabberdStage, startEjabberdStage } from "./contract/ejabberd-stage.js";
import { fillRoom } from "./contract/fill-room.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { DEBIAN_RELEASES } from "./support/debian-release.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const BOB = `bob@${HOST}`;
const HAT = "urn:hat:host";

for (const release of DEBIAN_RELEASES) {
  const suiteName = `hats on Debian ${release}'s ejabberd`;
  const hats = suite<{ stage: EjabberdStage; roomJid: string }>(suiteName);
  let started: Promise<EjabberdStage> | undefined;
  let rooms = 0;

  hats.before.each(async (context) => {
    started ??= startEjabberdStage({ release });
    context.stage = await started;
    context.roomJid = `room${++rooms}@${MUC_DOMAIN}`;
    await fillRoom(context.stage, context.roomJid, Affiliation.MEMBER);
  });
  hats.after(async () => (await started)?.close());

  hats("what somebody else gives and takes is known at once", async ({ stage, roomJid }) => {
    const client = stage.doorman.client(HatService, stage.key);
    const bob = { userJid: BOB, roomJid };
    const values = { jid: BOB, hat_uri: HAT, hat_title: "Host" };
    await command(stage, roomJid, "http://prosody.im/protocol/hats#add", values);
    const given = (await client.getUserHats(bob)).hats;
    assert.equal([given[HAT]?.active, given[HAT]?.title], [true, "Host"]);
    const { users } = await client.listRoomHats({ roomJid });
    assert.equal(
      users.map(({ userJid, hats }) => [userJid, Object.keys(hats)]),
      [[BOB, [HAT]]],
    );
    const taken = { jid: BOB, hat_uri: HAT };
    await command(stage, roomJid, "http://prosody.im/protocol/hats#remove", taken);
    assert.equal((await client.getUserHats(bob)).hats, {});
  });

  hats("SetUserHats takes away what somebody else gave", async ({ stage, roomJid }) => {
    const values = { jid: BOB, hat_uri: "urn:hat:other", hat_title: "Other" };
    await command(stage, roomJid, "http://prosody.im/protocol/hats#add", values);
    const client = stage.doorman.client(HatService, stage.key);
    const wanted = { [HAT]: { active: true, title: "Host" } };
    await client.setUserHats({ userJid: BOB, roomJid, hats: wanted });
    assert.equal(await stage.shownHats(roomJid, "Bob"), new Map([[HAT, "Host"]]));
  });

  hats("a title that looks like an id is still the title", async ({ stage, roomJid }) => {
    const client = stage.doorman.client(HatService, stage.key);
    const attachment = { active: true, title: "host:main" };
    await client.addUserHat({ userJid: BOB, roomJid, hatId: HAT, attachment });
    const answer = await client.getUserHats({ userJid: BOB, roomJid });
    assert.equal(
      Object.entries(answer.hats).map(([id, { title }]) => [id, title]),
      [[HAT, "host:main"]],
    );
  });

  hats("an eleventh hat is refused by its name, and the ten stay", async ({ stage, roomJid }) => {
    const client = stage.doorman.client(HatService, stage.key);
    const attachment = { active: true, title: "One of many" };
    const ids = Array.from({ length: 10 }, (_, index) => `urn:hat:${index}`);
    const ten = Object.fromEntries(ids.map((id) => [id, attachment]));
    await client.setUserHats({ userJid: BOB, roomJid, hats: ten });
    const eleventh = { "urn:hat:x": attachment };
    const calls = [
      () => client.addUserHat({ userJid: BOB, roomJid, hatId: "urn:hat:x", attachment }),
      () => client.setUserHats({ userJid: BOB, roomJid, hats: { ...ten, ...eleventh } }),
    ];
    for (const call of calls) {
      const refusal = rejects(call(), Code.FailedPrecondition, ErrorReason.HAT_LIMIT_REACHED);
      assert.is((await refusal).metadata.hat_id, "urn:hat:x");
      const answer = await client.getUserHats({ userJid: BOB, roomJid });
      assert.equal(Object.keys(answer.hats).sort(), ids);
    }
  });

  hats("a room whose hats are off is told, with what to run", async ({ stage, roomJid }) => {
    const client = stage.doorman.client(HatService, stage.key);
    const attachment = { active: true, title: "Host" };
    const calls = [
      () => client.addUserHat({ userJid: BOB, roomJid, hatId: HAT, attachment }),
      () => client.getUserHats({ userJid: BOB, roomJid }),
      () => client.listRoomHats({ roomJid }),
    ];
    await calls[0]?.();
    await switchHats(stage, roomJid, "0");
    for (const call of [...calls, ...calls]) {
      await rejects(call(), Code.Unimplemented, ErrorReason.SERVER_LACKS_FEATURE);
      const said = String(await call().catch(String));
      const [name] = roomJid.split("@");
      assert.match(said, `change_room_option ${name} ${MUC_DOMAIN} enable_hats true`);
    }
    await switchHats(stage, roomJid, "1");
    for (const call of calls) await call();
  });

  if (ejabberdIsThere(suiteName, release)) hats.run();
}

/** Runs a command as the room's owner, in one step. */
async function command(
  stage: EjabberdStage,
  roomJid: string,
  node: string,
  values: Record<string, string>,
): Promise<void> {
  const xmlns = "http://jabber.org/protocol/commands";
  const payload = xml("command", { xmlns, node, action: "complete" }, form(values));
  await (await stage.user("alice")).request("set", roomJid, payload);
}

/** Switches the room's hats on or off as its owner. */
async function switchHats(stage: EjabberdStage, roomJid: string, value: string): Promise<void> {
  const xmlns = "http://jabber.org/protocol/muc#owner";
  const values = {
    FORM_TYPE: "http://jabber.org/protocol/muc#roomconfig",
    enable_hats: value,
  };
  const payload = xml("query", { xmlns }, form(values));
  await (await stage.user("alice")).request("set", roomJid, payload);
}

function form(values: Record<string, string>) {
  const fields = Object.entries(values).map(([name, value]) =>
    xml("field", { var: name }, xml("value", {}, value)),
  );
  return xml("x", { xmlns: "jabber:x:data", type: "submit" }, ...fields);
}
