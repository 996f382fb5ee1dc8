import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { SandboxService } from "../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const userJid = "alice@example.com";
const OWNED = "snuggery@chat.example.org";
const OTHER = "attic@chat.example.org";

const kickUser = suite<{ doorman: TestDoorman; key: string }>("KickUser where a room fails");

kickUser.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
kickUser.after.each(({ doorman }) => doorman.close());

kickUser("tells which failed and why, beside those where it succeeded", async (context) => {
  const { doorman, key } = context;
  const occupant = { roomJid: OTHER, nickname: "Alice", userJid, affiliation: Affiliation.MEMBER };
  await doorman.client(SandboxService, key).putOccupant(occupant);
  const { rooms, failed } = await doorman.client(RoomService, key).kickUser({ userJid });
  assert.is(failed, 1);
  assert.equal(
    rooms.map(({ roomJid, nicknames, error }) => [roomJid, nicknames, error?.detail?.reason]),
    [
      [OTHER, ["Alice"], undefined],
      [OWNED, [], ErrorReason.SERVER_REFUSED],
    ],
  );
});

kickUser("fails as the room did when no other succeeded", async ({ doorman, key }) => {
  const call = doorman.client(RoomService, key).kickUser({ userJid });
  const detail = await rejects(call, Code.FailedPrecondition, ErrorReason.SERVER_REFUSED);
  assert.is(detail.metadata.room_jid, OWNED);
});

kickUser.run();
