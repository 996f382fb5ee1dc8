import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { DoormanProcess, runDoorman } from "../support/doorman-process.js";
import { PATIENCE_MS } from "../support/patience.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { prosodyIsThere } from "../support/prosody-is-there.js";
import { suite } from "../support/suite.js";
import { XmppUser } from "../support/xmpp-user.js";

const PASSWORD = "correct horse battery";
const CROWD = 100;

interface Context {
  prosody: Prosody;
  folder: string;
  key: string;
  doormans: DoormanProcess[];
}

interface Seen {
  token: string;
  uses?: number;
  redeemedBy?: { userJid: string }[];
}

const NAME = "RedeemInvite by two processes on one data folder";
const two = suite<Context>(NAME);

two.before.each(async (context) => {
  context.doormans = [];
  context.prosody = await startProsody();
  context.folder = mkdtempSync(join(tmpdir(), "doorman-two-"));
  process.env.DOORMAN_XMPP_PASSWORD = context.prosody.password("doorman");
});
two.after.each(async ({ prosody, folder, doormans = [] }) => {
  for (const doorman of doormans) await doorman.stop("SIGKILL");
  await prosody?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

for (const issuer of ["doorman", "server"]) {
  two(`gives one of ${CROWD} at once the one account (issuer: ${issuer})`, async (context) => {
    await start(context, issuer);
    const invite = await createInvite(context, {});
    const names = Array.from({ length: CROWD }, (_, index) => `guest${index}`);
    const got = await redeemAtOnce(context, (index) => ({
      token: invite.token,
      username: names[index] ?? "",
      password: PASSWORD,
    }));
    assert.is(got.length, 1);
    const winner = names[got[0] ?? 0] ?? "";
    assert.equal(accountsOf(context), [`${winner}.dat`]);
    await (await XmppUser.login(context.prosody, winner, PASSWORD)).close();
    const seen = await getInvite(context, invite.token);
    assert.is(seen.uses, 1);
    assert.equal(
      seen.redeemedBy?.map(({ userJid }) => userJid),
      [`${winner}@example.com`],
    );
  });
}

two(`gives one name to one of ${CROWD} at once, for one use of a group's`, async (context) => {
  await start(context, "doorman");
  const invite = await createInvite(context, { purpose: "INVITE_PURPOSE_GROUP" });
  const passwords = Array.from({ length: CROWD }, (_, index) => `${PASSWORD} ${index}`);
  const got = await redeemAtOnce(context, (index) => ({
    token: invite.token,
    username: "guest",
    password: passwords[index] ?? "",
  }));
  assert.is(got.length, 1);
  assert.equal(accountsOf(context), ["guest.dat"]);
  await (await XmppUser.login(context.prosody, "guest", passwords[got[0] ?? 0])).close();
  assert.is((await getInvite(context, invite.token)).uses, 1);
});

/** Starts two on the one folder, and waits until both are connected. */
async function start(context: Context, issuer: string): Promise<void> {
  const { folder, prosody, doormans } = context;
  const file = join(folder, "doorman.yaml");
  const xmpp = { service: prosody.service, jid: prosody.adminJid };
  writeFileSync(file, JSON.stringify({ xmpp, invites: { issuer } }));
  const config = ["--config", file];
  const created = await runDoorman(
    "keys",
    "create",
    "example.com",
    "--init",
    ...config,
    "--data",
    folder,
  );
  context.key = created.stdout.trim();
  const deadline = Date.now() + PATIENCE_MS;
  for (let count = 0; count < 2; count++) {
    const doorman = await DoormanProcess.serve(folder, ...config);
    doormans.push(doorman);
    while (!(await fetch(`${doorman.url}/readyz`)).ok) {
      if (Date.now() > deadline) throw new Error("Doorman does not get ready");
      await sleep(50);
    }
  }
}

/** Sends so many calls at once, by turns to either process, and answers which of them succeeded. */
async function redeemAtOnce(
  { doormans, key }: Context,
  message: (index: number) => { token: string; username: string; password: string },
): Promise<number[]> {
  const outcomes = await Promise.allSettled(
    Array.from({ length: CROWD }, (_, index) => {
      const doorman = doormans[index % doormans.length];
      return doorman?.rpc("InviteService/RedeemInvite", key, message(index));
    }),
  );
  const got: number[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === "fulfilled") got.push(index);
    else assert.match(String(outcome.reason), /INVITE_REDEEMED|USERNAME_TAKEN/);
  }
  return got;
}

async function createInvite({ doormans, key }: Context, request: object): Promise<Seen> {
  const answer = await doormans[0]?.rpc("InviteService/CreateInvite", key, request);
  return (answer as { invite: Seen }).invite;
}

/** Asks the one that has not created it. */
async function getInvite({ doormans, key }: Context, token: string): Promise<Seen> {
  const answer = await doormans[1]?.rpc("InviteService/GetInvite", key, { token });
  return (answer as { invite: Seen }).invite;
}

function accountsOf({ prosody }: Context): string[] {
  const folder = join(prosody.folder, "data", "example%2ecom", "accounts");
  return readdirSync(folder).filter((file) => file.startsWith("guest"));
}

if (prosodyIsThere(NAME)) two.run();
