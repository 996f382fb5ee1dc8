import { ConnectError } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { type EjabberdStage, startEjabberdStage } from "./contract/ejabberd-stage.js";
import { fillRoom } from "./contract/fill-room.js";
import { HOST, MUC_DOMAIN } from "./contract/stage.js";
import { TestDoorman } from "./support/doorman.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";
import { suite } from "./support/suite.js";

const BOB = `bob@${HOST}`;
const roomJid = `advised@${MUC_DOMAIN}`;

const NAME = "what an ejabberd's operator is told about rooms";
const advice = suite<{ stage: EjabberdStage }>(NAME);
let sharedStage: Promise<EjabberdStage> | undefined;

advice.before.each(async (context) => {
  sharedStage ??= prepare();
  context.stage = await sharedStage;
});
advice.after(async () => (await sharedStage)?.close());

advice("without access_admin in mod_muc, that Doorman needs it", async ({ stage }) => {
  const { doorman, key } = stage;
  const rooms = doorman.client(RoomService, key);
  const hats = doorman.client(HatService, key);
  const affiliation = Affiliation.MEMBER;
  const attachment = { active: true, title: "Guest" };
  for (const call of [
    () => rooms.listAffiliations({ roomJid }),
    () => rooms.setAffiliation({ roomJid, userJid: BOB, affiliation }),
    () => rooms.kickOccupant({ roomJid, nickname: "Bob" }),
    () => rooms.kickOccupant({ roomJid, userJid: BOB }),
    () => hats.setUserHats({ roomJid, userJid: BOB, hats: { "urn:hat:guest": attachment } }),
  ]) {
    const error = await failureOf(call);
    assert.match(error.message, /in ejabberd, [^;]*access_admin/);
  }
});

advice("without ejabberd_api, that KickUser needs it", async ({ stage }) => {
  const { service, adminJid: jid } = stage.ejabberd;
  const hosts = { [HOST]: { muc: [MUC_DOMAIN] } };
  const doorman = await TestDoorman.start({ hosts, xmpp: { service, jid } });
  try {
    await doorman.untilReady();
    const rooms = doorman.client(RoomService, await doorman.createKey(HOST));
    const error = await failureOf(() => rooms.kickUser({ userJid: BOB }));
    assert.match(error.message, /ejabberd[^;]*xmpp\.ejabberd_api/);
  } finally {
    await doorman.close();
  }
});

if (ejabberdIsThere(NAME)) advice.run();

async function prepare(): Promise<EjabberdStage> {
  const started = await startEjabberdStage({
    alter: (doormanYml) =>
      doormanYml.replaceAll(/(access_admin:\n +- allow: admin\n) +- allow: doorman\n/g, "$1"),
  });
  await fillRoom(started, roomJid);
  return started;
}

async function failureOf(call: () => Promise<unknown>): Promise<ConnectError> {
  try {
    await call();
  } catch (error) {
    return ConnectError.from(error);
  }
  throw new Error("it was done all the same");
}
