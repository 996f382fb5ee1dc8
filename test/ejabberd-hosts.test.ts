import { Code } from "@connectrpc/connect";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { type Ejabberd, startEjabberd } from "./support/ejabberd.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

interface Context {
  ejabberd: Ejabberd;
  doorman: TestDoorman;
}

const NAME = "ejabberd: a host in the configuration that the server does not have";
const hosts = suite<Context>(NAME);

hosts.after.each(async ({ ejabberd, doorman }) => {
  await doorman?.close().catch(() => {});
  await ejabberd?.stop().catch(() => {});
});

hosts("keeps no other from its rooms where rules forbid other servers", async (context) => {
  context.ejabberd = await startEjabberd({ alterStock: (text) => `${text}s2s_access: none\n` });
  process.env.DOORMAN_XMPP_PASSWORD = context.ejabberd.password("doorman");
  const { service, adminJid: jid, apiUrl } = context.ejabberd;
  context.doorman = await TestDoorman.start({
    hosts: { "gone.example": {}, localhost: {} },
    xmpp: { service, jid, ejabberd_api: apiUrl },
  });
  await context.doorman.untilReady();
  const rooms = context.doorman.client(RoomService, await context.doorman.createKey("localhost"));
  const call = rooms.listOccupants({ roomJid: "none@conference.localhost" });
  await rejects(call, Code.NotFound, ErrorReason.ROOM_NOT_FOUND);
});

if (ejabberdIsThere(NAME)) hosts.run();
