import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { DoormanProcess, runDoorman } from "../support/doorman-process.js";
import { PATIENCE_MS } from "../support/patience.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { prosodyIsThere } from "../support/prosody-is-there.js";
import { StanzaGate } from "../support/stanza-gate.js";
import { suite } from "../support/suite.js";
import { TestContactsApp } from "../support/test-contacts-app.js";
import { XmppUser } from "../support/xmpp-user.js";

const PASSWORD = "correct horse battery";

interface Context {
  prosody: Prosody;
  gate: StanzaGate;
  app: TestContactsApp;
  folder: string;
  key: string;
  doorman: DoormanProcess;
}

interface Invite {
  token: string;
  uses?: number;
  redeemedBy?: { userJid: string }[];
}

const NAME = "RedeemInvite that is cut short after it was applied";
const cut = suite<Context>(NAME);

cut.before.each(async (context) => {
  context.prosody = await startProsody();
  context.gate = await StanzaGate.open(context.prosody.port);
  context.app = await TestContactsApp.start();
  context.folder = mkdtempSync(join(tmpdir(), "doorman-cut-short-"));
  process.env.DOORMAN_XMPP_PASSWORD = context.prosody.password("doorman");
  const configuration = {
    hosts: { "example.com": { roster_url: context.app.rosterUrl } },
    xmpp: {
      service: `xmpp://127.0.0.1:${context.gate.port}`,
      jid: context.prosody.adminJid,
    },
    invites: { issuer: "doorman", protected_users: [] },
  };
  writeFileSync(join(context.folder, "doorman.yaml"), JSON.stringify(configuration));
  const config = ["--config", join(context.folder, "doorman.yaml"), "--data", context.folder];
  const grants = ["create", "read", "redeem", "reset_password"].flatMap((grant) => [
    "--grant",
    `invites.${grant}`,
  ]);
  const created = await runDoorman("keys", "create", "example.com", "--init", ...grants, ...config);
  context.key = created.stdout.trim();
  await start(context);
});
cut.after.each(async ({ prosody, gate, app, doorman, folder }) => {
  await doorman?.stop("SIGKILL");
  gate?.close();
  await app?.close();
  await prosody?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

cut("leaves two contacts, and tells who redeemed the invite", async (context) => {
  const { prosody } = context;
  const purpose = "INVITE_PURPOSE_CONTACT";
  const invite = await createInvite(context, { purpose, inviterJid: "marie@example.com" });
  const password = prosody.password("john");
  await killAt(context, /subscription="both"/, { token: invite.token, username: "john", password });
  await start(context);
  assert.equal(await untilRedeemed(context, invite), ["john@example.com"]);
  const marie = await XmppUser.login(prosody, "marie", prosody.password("marie"));
  const contact = (await marie.roster()).find(({ jid }) => jid === "john@example.com");
  await marie.close();
  assert.is(contact?.subscription, "both");
});

for (const letsThrough of [true, false]) {
  const when = letsThrough ? "that was made" : "that was not made";
  cut(`leaves a reset ${when} to its user alone`, async (context) => {
    const { key, prosody } = context;
    const purpose = "INVITE_PURPOSE_PASSWORD_RESET";
    const { token } = await createInvite(context, { purpose, username: "john" });
    const message = { token, username: "", password: PASSWORD };
    const marker = new RegExp(`<value>${PASSWORD}</value>`);
    await killAt(context, marker, message, letsThrough);
    await start(context);
    assert.equal(await untilRedeemed(context, { token }), ["john@example.com"]);
    const other = { ...message, password: "somebody else's one" };
    await context.doorman.rpc("InviteService/RedeemInvite", key, other).then(
      () => assert.unreachable("a used link sets another password"),
      (error: Error) => assert.match(error.message, "INVITE_REDEEMED"),
    );
    await context.doorman.rpc("InviteService/RedeemInvite", key, message);
    await (await XmppUser.login(prosody, "john", PASSWORD)).close();
  });
}

cut("fills the roster of the new account after the next start", async (context) => {
  const { app, doorman, key } = context;
  app.answer = () => {};
  const { token } = await createInvite(context, {});
  const message = { token, username: "carol", password: PASSWORD };
  const call = doorman.rpc("InviteService/RedeemInvite", key, message).catch(() => {});
  await until(() => app.requests.length > 0);
  await doorman.stop("SIGKILL");
  await call;
  app.requests.length = 0;
  app.serve({ "marie@example.com": { name: "Marie" } });
  await start(context);
  await until(() => app.requests.length > 0);
  await untilCarolHasContacts(context);
});

cut("is answered before the contacts app, whose contacts still come", async (context) => {
  const { app, doorman, key } = context;
  let answerNow = () => {};
  app.answer = (response) => {
    answerNow = () => response.end(JSON.stringify({ "marie@example.com": { name: "Marie" } }));
  };
  const { token } = await createInvite(context, {});
  const message = { token, username: "carol", password: PASSWORD };
  await doorman.rpc("InviteService/RedeemInvite", key, message);
  // A Doorman that answers when it has given the app up does not hear this any more.
  answerNow();
  await untilCarolHasContacts(context);
});

function untilCarolHasContacts({ prosody }: Context): Promise<void> {
  return until(async () => {
    const carol = await XmppUser.login(prosody, "carol", PASSWORD);
    const roster = await carol.roster();
    await carol.close();
    return roster.length > 0;
  });
}

/** Kills Doorman while it redeems, at a stanza which it sends. */
async function killAt(
  { gate, doorman, key }: Context,
  marker: RegExp,
  message: { token: string; username: string; password: string },
  letsThrough = true,
): Promise<void> {
  const reached = gate.closeAt(marker, letsThrough);
  const call = doorman.rpc("InviteService/RedeemInvite", key, message).then(
    () => "answered",
    () => "cut short",
  );
  await reached;
  if (letsThrough) await sleep(500);
  await doorman.stop("SIGKILL");
  assert.is(await call, "cut short");
}

async function start(context: Context): Promise<void> {
  const { folder } = context;
  context.doorman = await DoormanProcess.serve(folder, "--config", join(folder, "doorman.yaml"));
  await until(async () => (await fetch(`${context.doorman.url}/readyz`)).ok);
}

async function createInvite({ doorman, key }: Context, request: object): Promise<Invite> {
  const answer = await doorman.rpc("InviteService/CreateInvite", key, request);
  return (answer as { invite: Invite }).invite;
}

/** Waits until an invite has been redeemed, and answers by whom. */
async function untilRedeemed({ doorman, key }: Context, { token }: Pick<Invite, "token">) {
  let users: string[] = [];
  await until(async () => {
    const answer = await doorman.rpc("InviteService/GetInvite", key, { token });
    const { redeemedBy = [] } = (answer as { invite: Invite }).invite;
    users = redeemedBy.map(({ userJid }) => userJid);
    return users.length > 0;
  });
  return users;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error("it does not come to that");
    await sleep(100);
  }
}

if (prosodyIsThere(NAME)) cut.run();
