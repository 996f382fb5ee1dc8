import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import * as assert from "uvu/assert";
import { DoormanProcess, runDoorman } from "../support/doorman-process.js";
import { PATIENCE_MS } from "../support/patience.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { prosodyIsThere } from "../support/prosody-is-there.js";
import { StanzaGate } from "../support/stanza-gate.js";
import { suite } from "../support/suite.js";
import { XmppUser } from "../support/xmpp-user.js";

const PASSWORD = "correct horse battery";
/** Longer than a step of a process that goes on takes to fail. */
const GOES_ON_MS = 12_000;

/** Is a moment at which Doorman is stopped: at a stanza that it sends, before the server has it or before its answer. */
interface Step {
  username: string;
  marker: RegExp;
  letsThrough: boolean;
  /** Whether the account is made by then. */
  made: boolean;
}

const OWN_STEPS: Step[] = [
  { username: "asked-whether-free", marker: /admin#user-stats/, letsThrough: false, made: false },
  { username: "asked-for-the-form", marker: /admin#add-user/, letsThrough: false, made: false },
  { username: "sent-the-form", marker: /password-verify/, letsThrough: false, made: false },
  { username: "made-the-account", marker: /password-verify/, letsThrough: true, made: true },
  { username: "reads-the-roster", marker: /jabber:iq:roster/, letsThrough: false, made: true },
  { username: "first-contact", marker: /subscription="both"/, letsThrough: true, made: true },
];

const SERVERS_STEPS: Step[] = [
  { username: "asked-whether-free", marker: /admin#user-stats/, letsThrough: false, made: false },
  { username: "opened-a-stream", marker: /pars:0/, letsThrough: false, made: false },
  { username: "showed-the-token", marker: /pars:0/, letsThrough: true, made: false },
  { username: "sent-the-form", marker: /iq:register/, letsThrough: false, made: false },
  { username: "made-the-account", marker: /iq:register/, letsThrough: true, made: true },
];

/** Stopped and not killed, a process goes on later, when another has repaired what it had begun. */
const STOPPED_STEPS = OWN_STEPS.filter(({ username }) =>
  ["sent-the-form", "made-the-account"].includes(username),
);

interface Context {
  prosody: Prosody;
  gate: StanzaGate;
  folder: string;
  key: string;
  doormans: DoormanProcess[];
}

interface Seen {
  state: string;
  uses?: number;
  redeemedBy?: { userJid: string }[];
}

const OWN = {
  issuer: "doorman",
  request: { purpose: "INVITE_PURPOSE_ACCOUNT_AND_CONTACT", inviterJid: "marie@example.com" },
  contacts: ["marie@example.com both"],
};
const SERVERS = { issuer: "server", request: {}, contacts: [] };

for (const [name, { issuer, request, contacts }, steps, signal] of [
  ["RedeemInvite when Doorman is killed", OWN, OWN_STEPS, "SIGKILL"],
  ["RedeemInvite of Prosody's invite when Doorman is killed", SERVERS, SERVERS_STEPS, "SIGKILL"],
  ["RedeemInvite when Doorman stands still for a while", OWN, STOPPED_STEPS, "SIGSTOP"],
] as const) {
  const crashes = suite<Context>(name);

  crashes.before.each(async (context) => {
    context.doormans = [];
    context.prosody = await startProsody();
    context.gate = await StanzaGate.open(context.prosody.port);
    context.folder = mkdtempSync(join(tmpdir(), "doorman-crashes-"));
    process.env.DOORMAN_XMPP_PASSWORD = context.prosody.password("doorman");
    const service = `xmpp://127.0.0.1:${context.gate.port}`;
    const xmpp = { service, jid: context.prosody.adminJid };
    const configuration = { xmpp, invites: { issuer } };
    writeFileSync(join(context.folder, "doorman.yaml"), JSON.stringify(configuration));
    const config = ["--config", join(context.folder, "doorman.yaml"), "--data", context.folder];
    context.key = (
      await runDoorman("keys", "create", "example.com", "--init", ...config)
    ).stdout.trim();
  });
  crashes.after.each(async ({ prosody, gate, folder, doormans = [] }) => {
    for (const doorman of doormans) await doorman.stop("SIGKILL");
    gate?.close();
    await prosody?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  crashes("leaves one account or none, with the use given back, at each step", async (context) => {
    const { prosody, gate, key, doormans } = context;
    const tokens = new Map<string, string>();
    for (const { username, marker, letsThrough } of steps) {
      const doorman = await start(context);
      const { invite } = (await doorman.rpc("InviteService/CreateInvite", key, request)) as {
        invite: { token: string };
      };
      tokens.set(username, invite.token);
      const reached = gate.closeAt(marker, letsThrough);
      const message = { token: invite.token, username, password: PASSWORD };
      const call = doorman.rpc("InviteService/RedeemInvite", key, message).then(
        () => "answered",
        () => "cut short",
      );
      await reached;
      if (letsThrough) await sleep(500);
      if (signal === "SIGSTOP") {
        doorman.signal("SIGSTOP");
      } else {
        await doorman.stop("SIGKILL");
        assert.is(await call, "cut short", username);
      }
    }

    forgetWhenAsked(context);
    const doorman = await start(context);
    const requireRepaired = async () => {
      for (const { username, made } of steps) {
        const token = tokens.get(username) ?? "";
        const seen = await untilRepaired(doorman, key, token, made);
        assert.is(seen.uses ?? 0, made ? 1 : 0, `${username}: ${JSON.stringify(seen)}`);
        const users = (seen.redeemedBy ?? []).map(({ userJid }) => userJid);
        assert.equal(users, made ? [`${username}@example.com`] : [], username);
        assert.is(accountsOf(prosody).includes(`${encoded(username)}.dat`), made, username);
      }
    };
    await requireRepaired();
    if (signal === "SIGSTOP") {
      for (const one of doormans) one.signal("SIGCONT");
      await sleep(GOES_ON_MS);
      await requireRepaired();
    }

    // Whoever was cut short tries again, and has the one account in the end.
    for (const { username } of steps) {
      const message = { token: tokens.get(username), username, password: PASSWORD };
      await untilContacts(() => doorman.rpc("InviteService/RedeemInvite", key, message));
      const other = { ...message, username: `${username}-2` };
      const second = doorman.rpc("InviteService/RedeemInvite", key, other);
      await second.then(
        () => assert.unreachable(`${username}: a second account`),
        (error: Error) => assert.match(error.message, "INVITE_REDEEMED"),
      );
      const user = await XmppUser.login(prosody, username, PASSWORD);
      const roster = await user.roster();
      await user.close();
      assert.equal(
        roster.map(({ jid, subscription }) => `${jid} ${subscription}`),
        contacts,
        username,
      );
    }
  });

  if (prosodyIsThere(name)) crashes.run();
}

async function start(context: Context): Promise<DoormanProcess> {
  const { folder, key } = context;
  const doorman = await DoormanProcess.serve(folder, "--config", join(folder, "doorman.yaml"));
  context.doormans.push(doorman);
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await fetch(`${doorman.url}/readyz`)).ok) {
    if (Date.now() > deadline) throw new Error("Doorman does not get ready");
    await sleep(50);
  }
  await doorman.rpc("InviteService/ListInvites", key, {});
  return doorman;
}

/** Moves what was asked so far back that the connection cannot have it any more. */
function forgetWhenAsked({ folder }: Context): void {
  const database = new Sqlite(join(folder, "doorman.sqlite"), { timeout: 5_000 });
  database.exec("update redemptions set ask_time = ask_time - 600000");
  database.close();
}

/** Waits until nobody is redeeming an invite any more. */
async function untilRepaired(doorman: DoormanProcess, key: string, token: string, made: boolean) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await doorman.rpc("InviteService/GetInvite", key, { token });
    const { invite } = answer as { invite: Seen };
    const isDone = made ? invite.redeemedBy !== undefined : invite.uses === undefined;
    if (isDone || Date.now() > deadline) return invite;
    await sleep(200);
  }
}

/** Repeats a call, which its user may do at any time, until the contacts are made too. */
async function untilContacts(call: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (((await call()) as { contactPending?: boolean }).contactPending) {
    if (Date.now() > deadline) throw new Error("the contacts are not made");
    await sleep(200);
  }
}

function accountsOf({ folder }: Prosody): string[] {
  return readdirSync(join(folder, "data", "example%2ecom", "accounts"));
}

/** As Prosody names its files. */
function encoded(username: string): string {
  return username.replaceAll("-", "%2d");
}
