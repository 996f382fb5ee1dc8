import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { InviteState } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { openDatabase } from "../src/database/database.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const revocation = suite<{ doorman: TestDoorman; key: string }>("RevokeInvite");

revocation.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
revocation.after.each(async ({ doorman }) => doorman?.close());

revocation("revokes an invite, and again", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const { invite } = await client.createInvite({});
  const token = invite?.token ?? "";
  for (let times = 0; times < 2; times++) {
    const answer = await client.revokeInvite({ token });
    assert.is(answer.invite?.state, InviteState.REVOKED);
    assert.is(answer.invite?.token, token);
  }
  assert.is((await client.getInvite({ token })).invite?.state, InviteState.REVOKED);
});

revocation("says that an expired invite cannot be revoked", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const token = (await client.createInvite({})).invite?.token ?? "";
  await change(doorman, token, { expire_time: Date.now() - 1 });
  assert.is((await client.getInvite({ token })).invite?.state, InviteState.EXPIRED);
  const answer = client.revokeInvite({ token });
  await rejects(answer, Code.FailedPrecondition, ErrorReason.INVITE_EXPIRED);
});

revocation("says that a redeemed invite cannot be revoked", async ({ doorman, key }) => {
  const client = doorman.client(InviteService, key);
  const token = (await client.createInvite({})).invite?.token ?? "";
  await change(doorman, token, { uses: 1 });
  assert.is((await client.getInvite({ token })).invite?.state, InviteState.REDEEMED);
  const answer = client.revokeInvite({ token });
  await rejects(answer, Code.FailedPrecondition, ErrorReason.INVITE_REDEEMED);
});

revocation(
  "revokes an invite that has been redeemed less often than it may be",
  async (context) => {
    const client = context.doorman.client(InviteService, context.key);
    const token = (await client.createInvite({ maxUses: 2 })).invite?.token ?? "";
    await change(context.doorman, token, { uses: 1 });
    assert.is((await client.revokeInvite({ token })).invite?.state, InviteState.REVOKED);
  },
);

/** Brings a stored invite into a state that only time, or a redemption, brings about. */
async function change(
  doorman: TestDoorman,
  token: string,
  changes: { expire_time?: number; uses?: number },
): Promise<void> {
  const database = await openDatabase(doorman.dataFolder);
  await database.updateTable("invites").set(changes).where("token", "=", token).execute();
  await database.destroy();
}

revocation.run();
