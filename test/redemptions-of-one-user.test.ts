import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import * as assert from "uvu/assert";
import { DoormanProcess, runDoorman } from "./support/doorman-process.js";
import { suite } from "./support/suite.js";

const PASSWORD = "correct horse battery";
const HOURS_MS = 2 * 60 * 60_000;

interface Context {
  folder: string;
  key: string;
  doorman: DoormanProcess;
}

interface Invite {
  id: string;
  token: string;
}

// In a process of its own, so that a test outlives a Doorman that answers nobody any more.
const user = suite<Context>("RedeemInvite for a user whom another invite is being redeemed for");

user.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-one-user-"));
  const file = join(context.folder, "doorman.yaml");
  writeFileSync(file, JSON.stringify({ hosts: { "example.com": {} } }));
  const config = ["--config", file, "--data", context.folder];
  const grants = ["create", "read", "redeem", "reset_password"].flatMap((grant) => [
    "--grant",
    `invites.${grant}`,
  ]);
  const created = await runDoorman("keys", "create", "example.com", "--init", ...grants, ...config);
  context.key = created.stdout.trim();
  context.doorman = await DoormanProcess.serve(context.folder, "--config", file);
});
user.after.each(async ({ doorman, folder }) => {
  await doorman?.stop("SIGKILL");
  if (folder) rmSync(folder, { recursive: true, force: true });
});

user("refuses the name, though the user redeemed the invite once before", async (context) => {
  const group = await createInvite(context, { purpose: "INVITE_PURPOSE_GROUP" });
  await redeem(context, group);
  const purpose = "INVITE_PURPOSE_PASSWORD_RESET";
  const reset = await createInvite(context, { purpose, username: "carol" });
  makeLongAgo(context);
  leaveUnderWay(context, reset);
  await redeem(context, group).then(
    () => assert.unreachable("carol has an account"),
    (error: Error) => assert.match(error.message, "USERNAME_TAKEN"),
  );
});

user("goes on with what is not done, whatever the user redeemed since", async (context) => {
  const group = await createInvite(context, { purpose: "INVITE_PURPOSE_GROUP" });
  await redeem(context, group);
  makeLongAgo(context);
  // It was claimed before the one that is done, by the clock of that time.
  leaveUnderWay(context, group, { sinceMs: -2 * HOURS_MS });
  await redeem(context, group);
  const { invite } = (await context.doorman.rpc("InviteService/GetInvite", context.key, {
    token: group.token,
  })) as { invite: { uses: number; redeemedBy: unknown[] } };
  assert.is(invite.uses, 2);
  assert.is(invite.redeemedBy.length, 2);
});

user("waits for nobody whose lease ends after the clock was set back", async (context) => {
  const group = await createInvite(context, { purpose: "INVITE_PURPOSE_GROUP" });
  leaveUnderWay(context, group, { leaseMs: HOURS_MS });
  await redeem(context, group);
});

async function createInvite({ doorman, key }: Context, request: object): Promise<Invite> {
  const answer = await doorman.rpc("InviteService/CreateInvite", key, request);
  return (answer as { invite: Invite }).invite;
}

function redeem({ doorman, key }: Context, { token }: Invite): Promise<unknown> {
  const message = { token, username: "carol", password: PASSWORD };
  return doorman.rpc("InviteService/RedeemInvite", key, message);
}

/** Moves all redemptions so far back that a repeated call is not known any more. */
function makeLongAgo(context: Context): void {
  change(context, (database) =>
    database
      .prepare("update redemptions set redeem_time = redeem_time - ?, claim_time = claim_time - ?")
      .run(HOURS_MS, HOURS_MS),
  );
}

/** Stores that the server was asked to redeem an invite for Carol, and that its answer did not come yet. */
function leaveUnderWay(
  context: Context,
  { id }: Invite,
  { sinceMs = 0, leaseMs = 3_000 } = {},
): void {
  change(context, (database) => {
    const now = Date.now();
    database
      .prepare(
        `insert into redemptions
          (id, invite_id, user_jid, state, attempt, lease_time, claim_time)
          values (?, ?, 'carol@example.com', 'asked', ?, ?, ?)`,
      )
      .run(randomUUID(), id, randomUUID(), now + leaseMs, now + sinceMs);
    database.prepare("update invites set uses = uses + 1 where id = ?").run(id);
  });
}

function change({ folder }: Context, work: (database: Sqlite.Database) => void): void {
  const database = new Sqlite(join(folder, "doorman.sqlite"), { timeout: 5_000 });
  work(database);
  database.close();
}

user.run();
