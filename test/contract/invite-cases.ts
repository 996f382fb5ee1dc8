import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { InviteState } from "../../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { rejects } from "../support/rejects.js";
import type { ContractSuite } from "./contract-suite.js";
import { newName, PASSWORD } from "./redemption-cases.js";

/** Adds the cases of the InviteService, whose invites the chat server issues. */
export function addInviteCases(contract: ContractSuite): void {
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

  contract(
    "RedeemInvite: the server's own opens an account, and is known as redeemed",
    async ({ stage }) => {
      const client = stage.doorman.client(InviteService, stage.key);
      const token = (await client.createInvite({})).invite?.token ?? "";
      const redeem = (username: string, password = PASSWORD) =>
        client.redeemInvite({ token, username, password });
      await rejects(redeem("john"), Code.AlreadyExists, ErrorReason.USERNAME_TAKEN);
      assert.is((await client.getInvite({ token })).invite?.state, InviteState.UNKNOWN);
      const username = newName();
      const { userJid } = await redeem(username);
      assert.is(await stage.canLogIn(username, PASSWORD), true);
      const { invite } = await client.getInvite({ token });
      assert.is(invite?.state, InviteState.REDEEMED);
      assert.equal(
        invite?.redeemedBy.map((redemption) => redemption.userJid),
        [userJid],
      );
      assert.is((await redeem(username)).userJid, userJid);
      for (const [name, password] of [
        [username, "another password"],
        [newName(), PASSWORD],
      ] as const) {
        await rejects(redeem(name, password), Code.FailedPrecondition, ErrorReason.INVITE_REDEEMED);
        assert.is(await stage.canLogIn(name, password), false);
      }
    },
  );

  contract(
    "RedeemInvite: of twenty people at once one gets the server's own",
    async ({ stage }) => {
      const client = stage.doorman.client(InviteService, stage.key);
      const token = (await client.createInvite({})).invite?.token ?? "";
      const names = Array.from({ length: 20 }, newName);
      const outcomes = await Promise.allSettled(
        names.map((username) => client.redeemInvite({ token, username, password: PASSWORD })),
      );
      const got = names.filter((_, index) => outcomes[index]?.status === "fulfilled");
      assert.is(got.length, 1);
      for (const username of names) {
        assert.is(await stage.canLogIn(username, PASSWORD), got.includes(username));
      }
    },
  );
}
