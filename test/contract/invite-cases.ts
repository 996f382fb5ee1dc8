import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { InviteState } from "../../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { rejects } from "../support/rejects.js";
import type { ContractSuite } from "./contract-suite.js";

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
}
