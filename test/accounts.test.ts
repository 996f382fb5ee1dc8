import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import type { ChatAccounts } from "../src/chat-server/chat-accounts.js";
import type { ChatServer } from "../src/chat-server/chat-server.js";
import { HatLedger } from "../src/chat-server/hat-ledger.js";
import { connectXmppChatServer } from "../src/chat-server/xmpp/xmpp-chat-server.js";
import { openDatabase } from "../src/database/database.js";
import { DoormanError } from "../src/errors/doorman-error.js";
import { type Ejabberd, startEjabberd } from "./support/ejabberd.js";
import { ejabberdIsThere } from "./support/ejabberd-is-there.js";
import { PATIENCE_MS } from "./support/patience.js";
import { type Prosody, startProsody } from "./support/prosody.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";
import { XmppUser } from "./support/xmpp-user.js";

interface Context {
  server: Prosody | Ejabberd;
  accounts: ChatAccounts;
  close: () => Promise<void>;
}

const CAROL = "carol@example.com";
const signal = new AbortController().signal;

/** Plays what only the port to the chat server shows; the contract suite has what calls show. */
function accountsSuite(name: string, start: () => Promise<Context>): void {
  const accounts = suite<Context>(name);
  accounts.before.each(async (context) => {
    Object.assign(context, await start());
  });
  accounts.after.each(async ({ close }) => close?.());

  accounts("are made with a password that lets their user in", async ({ server, accounts }) => {
    assert.is(await accounts.exists(CAROL, signal), false);
    assert.is(await accounts.checkPassword(CAROL, "s3cr&t <pa>", signal), false);
    await accounts.create(CAROL, "s3cr&t <pa>", signal);
    assert.is(await accounts.exists(CAROL, signal), true);
    const carol = await XmppUser.login(server, "carol", "s3cr&t <pa>");
    await carol.close();
    assert.is(await accounts.checkPassword(CAROL, "s3cr&t <pa>", signal), true);
    assert.is(await accounts.checkPassword(CAROL, "another one", signal), false);
  });

  accounts("that are there are not made again, and keep their password", async (context) => {
    const { server, accounts } = context;
    await refuses(accounts.create("john@example.com", "mine now", signal), "USERNAME_TAKEN");
    const john = await XmppUser.login(server, "john");
    await john.close();
  });

  accounts("of one name are made once, however many ask at once", async ({ accounts }) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => accounts.create(CAROL, `password ${index}`, signal)),
    );
    assert.is(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      assert.is(ErrorReason[outcome.reason.reason], "USERNAME_TAKEN");
    }
    const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
    assert.is(await accounts.checkPassword(CAROL, `password ${winner}`, signal), true);
  });

  accounts("get a new password, and the old one is good no more", async ({ server, accounts }) => {
    await accounts.setPassword("john@example.com", "a new password", signal);
    const john = await XmppUser.login(server, "john", "a new password");
    await john.close();
    assert.is(
      await accounts.checkPassword("john@example.com", server.password("john"), signal),
      false,
    );
    await refuses(accounts.setPassword(CAROL, "a new password", signal), "USER_NOT_FOUND");
  });

  accounts("are on the host that is asked for", async ({ server, accounts }) => {
    await accounts.create("carol@localhost", "a password", signal);
    assert.is(await accounts.exists(CAROL, signal), false);
    const carol = await XmppUser.login(server, "carol@localhost", "a password");
    await carol.close();
  });

  accounts("of Doorman's own have names and passwords in any script", async (context) => {
    const { server, accounts } = context;
    const jid = "türsteher-дом@example.com";
    // The full-width letters are others to whoever does not prepare them (SASLprep).
    const password = "Grüße, ｐｏｒｔｅｒ";
    await accounts.create(jid, "Grüße, porter", signal);
    const { unavailableBecause, close } = await connectAs(server, jid, password);
    await close();
    assert.is(unavailableBecause, undefined);
    const wrong = await connectAs(server, jid, "Grüsse, porter");
    await wrong.close();
    assert.match(wrong.unavailableBecause ?? "", /password/);
  });

  accounts("of Doorman's own are an administrator's", async ({ accounts }) => {
    assert.is(await accounts.isAdmin("doorman@example.com", signal), true);
    // Neither server tells of others as it is configured here.
    assert.is(await accounts.isAdmin("john@example.com", signal), undefined);
  });

  accounts.run();
}

async function refuses(call: Promise<unknown>, reason: string): Promise<void> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, DoormanError);
  assert.is(ErrorReason[(error as DoormanError).reason], reason);
}

async function connect(server: Prosody | Ejabberd, apiUrl?: string): Promise<Context> {
  const password = server.password("doorman");
  const { chatServer, close } = await connectAs(server, server.adminJid, password, apiUrl);
  return {
    server,
    accounts: chatServer.accounts,
    async close() {
      await close();
      await server.stop();
    },
  };
}

/** Connects, and answers why that did not succeed where it did not. */
async function connectAs(
  server: Prosody | Ejabberd,
  jid: string,
  password: string,
  apiUrl?: string,
) {
  const folder = mkdtempSync(join(tmpdir(), "doorman-accounts-"));
  const database = await openDatabase(folder);
  const chatServer: ChatServer = connectXmppChatServer({
    service: server.service,
    jid,
    readPassword: () => password,
    maxOutstanding: 256,
    nickname: "Doorman",
    roomStayMs: 0,
    returnOwnership: false,
    ejabberdApi: apiUrl,
    hatLedger: new HatLedger(database),
    log: pino({ level: "silent" }),
  });
  const deadline = Date.now() + PATIENCE_MS;
  const isPending = () => {
    const why = chatServer.unavailableBecause;
    return why !== undefined && !/password/.test(why);
  };
  while (isPending() && Date.now() < deadline) await sleep(20);
  return {
    chatServer,
    unavailableBecause: chatServer.unavailableBecause,
    async close() {
      await chatServer.close();
      await database.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

if (prosodyIsThere("accounts on Prosody")) {
  accountsSuite("accounts on Prosody", async () => connect(await startProsody()));
  const exposed = suite<Context>("accounts on Prosody with disco_expose_admins");
  exposed.before.each(async (context) => {
    const alter = (cfg: string) =>
      cfg.replaceAll(
        "admins = { doorman }",
        `admins = { doorman, "boss@example.com", "marie@example.com" }
        disco_expose_admins = true`,
      );
    Object.assign(context, await connect(await startProsody({ alter })));
  });
  exposed.after.each(async ({ close }) => close?.());
  exposed("show administrators, whether they have registered or not", async ({ accounts }) => {
    assert.is(await accounts.isAdmin("marie@example.com", signal), true);
    assert.is(await accounts.isAdmin("boss@example.com", signal), true);
    // It does not say that it shows all of them.
    assert.is(await accounts.isAdmin("john@example.com", signal), undefined);
  });
  exposed.run();
}
if (ejabberdIsThere("accounts on ejabberd")) {
  accountsSuite("accounts on ejabberd", async () => {
    const ejabberd = await startEjabberd();
    return connect(ejabberd, ejabberd.apiUrl);
  });
  const bare = suite<Context>("accounts on ejabberd without its API");
  bare.before.each(async (context) => {
    Object.assign(context, await connect(await startEjabberd()));
  });
  bare.after.each(async ({ close }) => close?.());
  bare("are not said to exist, because nobody tells", async ({ accounts }) => {
    await refuses(accounts.exists("john@example.com", signal), "SERVER_LACKS_FEATURE");
  });
  bare.run();
}
