import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { InvitePurpose, InviteState } from "../../gen/doorman/v1/invite_pb.js";
import {
  type CreateInviteRequestSchema,
  InviteService,
} from "../../gen/doorman/v1/invite_service_pb.js";
import { rejects } from "../support/rejects.js";
import type { ContractSuite } from "./contract-suite.js";
import { HOST, type Stage } from "./stage.js";

export const PASSWORD = "a s3cret & <long> one";

/** Adds the cases of RedeemInvite: what becomes of Doorman's own invites on the chat server. */
export function addRedemptionCases(contract: ContractSuite): void {
  contract("RedeemInvite: opens an account that its user can log in to", async ({ stage }) => {
    const { client, token, username } = await invited(stage);
    const answer = await client.redeemInvite({ token, username, password: PASSWORD });
    assert.is(answer.userJid, `${username}@${HOST}`);
    assert.is(answer.contactPending, false);
    assert.is(await stage.canLogIn(username, PASSWORD), true);
    assert.is(await stage.canLogIn(username, `${PASSWORD}r`), false);
    const { invite } = await client.getInvite({ token });
    assert.is(invite?.state, InviteState.REDEEMED);
    assert.is(invite?.uses, 1);
    // No app could redeem it on a real server.
    assert.is(invite?.uri === "", stage.isSeen);
    assert.equal(
      invite?.redeemedBy.map(({ userJid }) => userJid),
      [answer.userJid],
    );
  });

  contract("RedeemInvite: a second person gets no account out of one use", async ({ stage }) => {
    const { client, token, username } = await invited(stage);
    await client.redeemInvite({ token, username, password: PASSWORD });
    const other = newName();
    const second = client.redeemInvite({ token, username: other, password: PASSWORD });
    await rejects(second, Code.FailedPrecondition, ErrorReason.INVITE_REDEEMED);
    assert.is(await stage.canLogIn(other, PASSWORD), false);
  });

  contract("RedeemInvite: of twenty people at once one gets the one use", async ({ stage }) => {
    const { client, token } = await invited(stage);
    const names = Array.from({ length: 20 }, newName);
    const outcomes = await Promise.allSettled(
      names.map((username) => client.redeemInvite({ token, username, password: PASSWORD })),
    );
    const got = names.filter((_, index) => outcomes[index]?.status === "fulfilled");
    assert.is(got.length, 1);
    for (const username of names) {
      assert.is(await stage.canLogIn(username, PASSWORD), got.includes(username));
    }
    assert.is((await client.getInvite({ token })).invite?.uses, 1);
  });

  contract("RedeemInvite: repeated with the same password it succeeds again", async ({ stage }) => {
    const { client, token, username } = await invited(stage);
    const call = (password: string) => client.redeemInvite({ token, username, password });
    const answers = await Promise.all([call(PASSWORD), call(PASSWORD)]);
    assert.equal(await call(PASSWORD), answers[0]);
    await rejects(call("another password"), Code.FailedPrecondition, ErrorReason.INVITE_REDEEMED);
    assert.is(await stage.canLogIn(username, PASSWORD), true);
    assert.is((await client.getInvite({ token })).invite?.uses, 1);
  });

  contract("RedeemInvite: a name that is taken costs no use", async ({ stage }) => {
    const { client, token, username } = await invited(stage);
    const taken = client.redeemInvite({ token, username: "john", password: PASSWORD });
    const { metadata } = await rejects(taken, Code.AlreadyExists, ErrorReason.USERNAME_TAKEN);
    assert.is(metadata.field, "username");
    const { invite } = await client.getInvite({ token });
    assert.is(invite?.state, InviteState.PENDING);
    assert.is(invite?.uses, 0);
    await client.redeemInvite({ token, username, password: PASSWORD });
  });

  contract("RedeemInvite: the newcomer and the inviter become contacts", async ({ stage }) => {
    const purpose = InvitePurpose.ACCOUNT_AND_CONTACT;
    const { client, token, username } = await invited(stage, {
      purpose,
      inviterJid: `marie@${HOST}`,
    });
    const answer = await client.redeemInvite({ token, username, password: PASSWORD });
    assert.is(answer.contactPending, false);
    const contact = (await stage.contacts("marie")).find(({ jid }) => jid === answer.userJid);
    assert.is(contact?.subscription, "both");
    const contacts = await stage.contacts(username, PASSWORD);
    const back = contacts.find(({ jid }) => jid === `marie@${HOST}`);
    assert.is(back?.subscription, "both");
  });

  contract(
    "RedeemInvite: who has an account becomes a contact by its password",
    async (context) => {
      const { stage } = context;
      const { client, token, username } = await invited(stage);
      await client.redeemInvite({ token, username, password: PASSWORD });
      const inviterJid = `aaron@${HOST}`;
      const created = await client.createInvite({ purpose: InvitePurpose.CONTACT, inviterJid });
      const contactToken = created.invite?.token ?? "";
      const call = (password: string) =>
        client.redeemInvite({ token: contactToken, username, password });
      const wrong = await rejects(call("wrong"), Code.InvalidArgument, ErrorReason.INVALID_FIELD);
      assert.is(wrong.metadata.field, "password");
      assert.is((await client.getInvite({ token: contactToken })).invite?.uses, 0);
      await call(PASSWORD);
      const contacts = await stage.contacts("aaron");
      assert.ok(contacts.some(({ jid }) => jid === `${username}@${HOST}`));
    },
  );

  contract("RedeemInvite: a password reset gives a new password, once", async ({ stage }) => {
    const { client, token, username } = await invited(stage);
    await client.redeemInvite({ token, username, password: PASSWORD });
    const purpose = InvitePurpose.PASSWORD_RESET;
    const { invite } = await client.createInvite({ purpose, username });
    const reset = (password: string) =>
      client.redeemInvite({ token: invite?.token ?? "", username: "", password });
    assert.is((await reset("the new password")).userJid, `${username}@${HOST}`);
    await reset("the new password");
    await rejects(reset("a third one"), Code.FailedPrecondition, ErrorReason.INVITE_REDEEMED);
    assert.is(await stage.canLogIn(username, "the new password"), true);
    assert.is(await stage.canLogIn(username, PASSWORD), false);
  });

  contract("RedeemInvite: names and passwords in any script", async ({ stage }) => {
    const { client, token, username } = await invited(stage);
    const name = `jürgen-дом-${username}`;
    const redeem = { token, username: name, password: "Grüße aus Köln" };
    const { userJid } = await client.redeemInvite(redeem);
    assert.is(userJid, `${name}@${HOST}`);
    assert.is((await client.redeemInvite(redeem)).userJid, userJid);
    assert.is(await stage.canLogIn(name, redeem.password), true);

    const inviterJid = `aaron@${HOST}`;
    const contact = await client.createInvite({ purpose: InvitePurpose.CONTACT, inviterJid });
    await client.redeemInvite({ ...redeem, token: contact.invite?.token ?? "" });
    assert.ok((await stage.contacts("aaron")).some(({ jid }) => jid === userJid));

    const purpose = InvitePurpose.PASSWORD_RESET;
    const { invite } = await client.createInvite({ purpose, username: name });
    const password = "пароль ñ ÅÅÅ2";
    await client.redeemInvite({ token: invite?.token ?? "", username: "", password });
    assert.is(await stage.canLogIn(name, password), true);
    assert.is(await stage.canLogIn(name, redeem.password), false);
  });

  contract(
    "RedeemInvite: a password that a server refuses is an invalid field",
    async (context) => {
      const { stage } = context;
      const { client, token, username } = await invited(stage);
      const redeem = (password: string) => client.redeemInvite({ token, username, password });
      for (const password of ["пароль😀😀😀", "مرحبا بالعالم2"]) {
        const call = redeem(password);
        const { metadata } = await rejects(call, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
        assert.is(metadata.field, "password");
      }
      await redeem("مرحبا بالعالم");
      assert.is(await stage.canLogIn(username, "مرحبا بالعالم"), true);
    },
  );

  contract("RedeemInvite: nobody gets who is protected, by no invite", async ({ stage }) => {
    const { client, token } = await invited(stage);
    // Each stage's configuration names both; nobody has registered the second.
    for (const username of ["alice", "Boss"]) {
      const opened = client.redeemInvite({ token, username, password: PASSWORD });
      await rejects(opened, Code.PermissionDenied, ErrorReason.USER_PROTECTED);
      const preset = client.createInvite({
        purpose: InvitePurpose.ACCOUNT_AND_CONTACT,
        username,
        inviterJid: `marie@${HOST}`,
      });
      await rejects(preset, Code.PermissionDenied, ErrorReason.USER_PROTECTED);
      const inviterJid = `aaron@${HOST}`;
      const contact = await client.createInvite({ purpose: InvitePurpose.CONTACT, inviterJid });
      const guessed = client.redeemInvite({
        token: contact.invite?.token ?? "",
        username,
        password: "opensesame",
      });
      await rejects(guessed, Code.PermissionDenied, ErrorReason.USER_PROTECTED);
    }
    assert.is((await client.getInvite({ token })).invite?.uses, 0);
  });

  contract("RedeemInvite: an account's password cannot be guessed", async ({ stage }) => {
    const { client, token, username } = await invited(stage);
    await client.redeemInvite({ token, username, password: PASSWORD });
    const inviterJid = `aaron@${HOST}`;
    const { invites } = await client.bulkCreateInvites({
      invites: Array.from({ length: 2 }, () => ({ purpose: InvitePurpose.CONTACT, inviterJid })),
    });
    const guess = (index: number, password: string) =>
      client.redeemInvite({ token: invites[index % 2]?.token ?? "", username, password });
    for (let index = 0; index < 10; index++) {
      const wrong = guess(index, `guess ${index}`);
      await rejects(wrong, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
    }
    const late = guess(0, PASSWORD);
    const { metadata } = await rejects(late, Code.ResourceExhausted, ErrorReason.TOO_MANY_CALLS);
    assert.is(metadata.field, "password");
  });

  contract("CreateInvite of a reset: not for who is protected or unknown", async ({ stage }) => {
    const client = stage.doorman.client(InviteService, await everyKey(stage));
    const purpose = InvitePurpose.PASSWORD_RESET;
    const forAlice = client.createInvite({ purpose, username: "alice" });
    await rejects(forAlice, Code.PermissionDenied, ErrorReason.USER_PROTECTED);
    const forNobody = client.createInvite({ purpose, username: newName() });
    await rejects(forNobody, Code.NotFound, ErrorReason.USER_NOT_FOUND);
  });
}

/** Creates an invite of Doorman's own, for one account unless the request says otherwise. */
async function invited(
  stage: Stage,
  request: MessageInitShape<typeof CreateInviteRequestSchema> = {},
) {
  const client = stage.doorman.client(InviteService, await everyKey(stage));
  // What the server may issue by itself is for a single account.
  const own = { purpose: InvitePurpose.GROUP, maxUses: 1, ...request };
  const { invite } = await client.createInvite(own);
  return { client, token: invite?.token ?? "", username: newName() };
}

/** Answers a name that nobody has, on a server that may keep its accounts from an earlier run. */
export function newName(): string {
  return `new-${randomUUID().slice(0, 13)}`;
}

function everyKey({ doorman }: Stage): Promise<string> {
  const grants = "create read revoke redeem reset_password".split(" ");
  return doorman.createKey(
    HOST,
    grants.map((grant) => `invites.${grant}`),
  );
}
