import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { pino } from "pino";
import * as assert from "uvu/assert";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { HatLedger } from "../src/chat-server/hat-ledger.js";
import { connectXmppChatServer } from "../src/chat-server/xmpp/xmpp-chat-server.js";
import { openDatabase } from "../src/database/database.js";
import { NotBegun } from "../src/waiting/not-begun.js";
import { type ProsodyStage, startProsodyStage } from "./contract/prosody-stage.js";
import { HOST } from "./contract/stage.js";
import { PATIENCE_MS, until as untilIsSo } from "./support/patience.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";

const SUITE = "Prosody: callers that have gone";
const gone = suite<{ stage: ProsodyStage }>(SUITE);

gone.before.each(async (context) => {
  context.stage = await startProsodyStage();
});
gone.after.each(async ({ stage }) => {
  await stage?.close().catch(() => {});
});

gone(
  "five invites with one request id, asked for in vain, are one: issued, stored, and answered later",
  async ({ stage }) => {
    const client = stage.doorman.client(InviteService, stage.key);
    const request = { requestId: "order-4711" };
    await inVain(stage, 5, (timeoutMs) => client.createInvite(request, { timeoutMs }));
    const invites = await until(
      async () => (await client.listInvites({})).invites,
      ({ length }) => length > 0,
    );
    const { invite } = await client.createInvite(request);
    assert.is(invites.length, 1);
    assert.is(invite?.token, invites[0]?.token);
    assert.equal(tokensOnServer(stage), [invite?.token]);
  },
);

gone("an invite that is issued when nobody waits any more is listed", async ({ stage }) => {
  const client = stage.doorman.client(InviteService, stage.key);
  await inVain(stage, 3, (timeoutMs) => client.createInvite({}, { timeoutMs }));
  const invites = await until(
    async () => (await client.listInvites({})).invites,
    ({ length }) => length === 3,
  );
  assert.equal(invites.map(({ token }) => token).sort(), tokensOnServer(stage));
});

gone("nothing is asked of the server for a caller who has gone before", async ({ stage }) => {
  const { doorman, prosody } = stage;
  const database = await openDatabase(doorman.dataFolder);
  const chatServer = connectXmppChatServer({
    service: prosody.service,
    jid: prosody.adminJid,
    readPassword: () => prosody.password("doorman"),
    maxOutstanding: 256,
    nickname: "Doorman",
    roomStayMs: 0,
    returnOwnership: false,
    hatLedger: new HatLedger(database),
    log: pino({ level: "silent" }),
  });
  try {
    await until(
      async () => chatServer.unavailableBecause,
      (why) => why === undefined,
    );
    const late = chatServer.invites.createAccountInvite(HOST, AbortSignal.abort());
    assert.instance(await late.catch((error: unknown) => error), NotBegun);
    const { token } = await chatServer.invites.createAccountInvite(
      HOST,
      AbortSignal.timeout(PATIENCE_MS),
    );
    assert.equal(tokensOnServer(stage), [token]);
  } finally {
    await chatServer.close();
    await database.destroy();
  }
});

if (prosodyIsThere(SUITE)) gone.run();

/** Calls some times at once while Prosody is silent, until all callers have given up; then Prosody goes on. */
async function inVain(
  { doorman, prosody }: ProsodyStage,
  times: number,
  call: (timeoutMs: number) => Promise<unknown>,
): Promise<void> {
  prosody.pause();
  try {
    const calls = Array.from({ length: times }, () => call(500));
    for (const outcome of await Promise.allSettled(calls)) {
      assert.is(outcome.status, "rejected");
      if (outcome.status !== "rejected") continue;
      assert.is(ConnectError.from(outcome.reason).code, Code.DeadlineExceeded);
    }
  } finally {
    prosody.resume();
  }
  await doorman.untilReady();
}

async function until<T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> {
  let seen = await look();
  await untilIsSo(async () => {
    seen = await look();
    return isThere(seen);
  }, "sight of it");
  return seen;
}

/** Reads the invites out of Prosody's own data. */
function tokensOnServer({ prosody }: ProsodyStage): string[] {
  const file = join(prosody.folder, "data", "example%2ecom", "invite_token.dat");
  const tokens = readFileSync(file, "utf8").matchAll(/\["token"\] = "([^"]+)"/g);
  return [...tokens].map(([, token]) => token ?? "").sort();
}
