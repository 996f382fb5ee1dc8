import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { DoormanProcess, runDoorman } from "./support/doorman-process.js";
import { suite } from "./support/suite.js";

interface Context {
  folder: string;
  started: DoormanProcess[];
  /** Starts a server on the test's folder; it is killed when the test is over. */
  serve: () => Promise<DoormanProcess>;
}

const killed = suite<Context>("what was answered survives kill -9");

killed.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  context.started = [];
  context.serve = async () => {
    const doorman = await DoormanProcess.serve(context.folder);
    context.started.push(doorman);
    return doorman;
  };
});
killed.after.each(async ({ folder, started }) => {
  for (const doorman of started) await doorman.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

killed("an invite of CreateInvite, and its request id", async (context) => {
  const first = await context.serve();
  const key = first.firstKey ?? "";
  const request = { requestId: "order-4711", note: "for Carol" };
  const created = await first.rpc("InviteService/CreateInvite", key, request);
  assert.is(await first.stop("SIGKILL"), "SIGKILL");

  const second = await context.serve();
  const { token } = inviteOf(created);
  const found = await second.rpc("InviteService/GetInvite", key, { token });
  assert.is(inviteOf(found).note, "for Carol");
  const again = await second.rpc("InviteService/CreateInvite", key, request);
  assert.is(inviteOf(again).token, token);
  const list = (await second.rpc("InviteService/ListInvites", key, {})) as { invites: object[] };
  assert.is(list.invites.length, 1);
});

killed("every invite of /invites_api that was answered before", async (context) => {
  const first = await context.serve();
  const key = first.firstKey ?? "";
  const tokens: string[] = [];
  let isOver = false;
  const callers = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const response = await fetch(`${first.url}/invites_api?key=${key}`).catch(() => undefined);
      if (response === undefined) return;
      assert.is(response.status, 201);
      tokens.push(response.headers.get("Location")?.split("?")[1] ?? "");
      if (tokens.length === 50) isOver = (await first.stop("SIGKILL")) === "SIGKILL";
    }
  });
  await Promise.all(callers);
  assert.ok(isOver);

  const second = await context.serve();
  for (const token of tokens) {
    assert.is(inviteOf(await second.rpc("InviteService/GetInvite", key, { token })).token, token);
  }
});

killed("a revocation", async (context) => {
  const first = await context.serve();
  const key = first.firstKey ?? "";
  const { token } = inviteOf(await first.rpc("InviteService/CreateInvite", key, {}));
  await first.rpc("InviteService/RevokeInvite", key, { token });
  await first.stop("SIGKILL");
  const second = await context.serve();
  const found = await second.rpc("InviteService/GetInvite", key, { token });
  assert.is(inviteOf(found).state, "INVITE_STATE_REVOKED");
});

killed("a key that was made while it ran, and the deletion of the first", async (context) => {
  const first = await context.serve();
  const firstKey = first.firstKey ?? "";
  const data = ["--data", context.folder];
  const { stdout } = await runDoorman("keys", "create", "example.com", "new", ...data);
  const [id = ""] = firstKey.split("/");
  assert.is((await runDoorman("keys", "delete", "example.com", id, ...data)).status, 0);
  await first.stop("SIGKILL");
  const second = await context.serve();
  assert.is(second.firstKey, undefined);
  await second.rpc("InviteService/ListInvites", stdout.trimEnd(), {});
  const refused = await second
    .rpc("InviteService/ListInvites", firstKey, {})
    .catch((error) => error);
  assert.match(String(refused), "401");
});

interface InviteAnswer {
  invite: { token: string; note?: string; state: string };
}

function inviteOf(answer: unknown): InviteAnswer["invite"] {
  return (answer as InviteAnswer).invite;
}

killed.run();
