import * as assert from "uvu/assert";
import { CapabilityState, Operation } from "../gen/doorman/v1/server_pb.js";
import { ServerService } from "../gen/doorman/v1/server_service_pb.js";
import { toConfigure } from "./support/doctor.js";
import { TestDoorman } from "./support/doorman.js";
import { freePort, startProsody } from "./support/prosody.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";
import { XmppUser } from "./support/xmpp-user.js";

const OPERATIONS = Object.values(Operation).filter(
  (value) => typeof value === "number" && value !== Operation.UNSPECIFIED,
);

interface Context {
  opened: { close(): Promise<void> }[];
}

const capabilities = suite<Context>("GetCapabilities");

capabilities.before.each((context) => {
  context.opened = [];
});
capabilities.after.each(async ({ opened }) => {
  for (const one of opened.reverse()) await one.close().catch(() => {});
});

capabilities("says of the sandbox what it can do, for the key's host", async (context) => {
  const doorman = await TestDoorman.start();
  context.opened.push(doorman);
  const client = doorman.client(ServerService, await doorman.createKey("localhost"));
  const answer = await client.getCapabilities({});
  assert.is(answer.host, "localhost");
  assert.is(answer.server?.connected, true);
  assert.equal(
    answer.capabilities.map(({ operation }) => operation),
    OPERATIONS,
  );
  const unready = answer.capabilities.filter(({ state }) => state !== CapabilityState.READY);
  assert.equal(
    unready.map(({ operation, state }) => [operation, state]),
    [[Operation.REFRESH_AT_LOGIN, CapabilityState.UNSUPPORTED]],
  );
});

capabilities("says of a contacts app that is not there that it is not", async (context) => {
  const rosterUrl = `http://user:secret@127.0.0.1:${await freePort()}/%s`;
  const doorman = await TestDoorman.start({ hosts: { "example.com": { roster_url: rosterUrl } } });
  context.opened.push(doorman);
  const client = doorman.client(ServerService, await doorman.createKey("example.com"));
  const answer = await client.getCapabilities({});
  assert.equal(toConfigure(answer), ["REFRESH_ROSTERS"]);
  assert.not.match(JSON.stringify(answer.capabilities), "secret");
});

capabilities("says why Doorman is not connected, and that nothing works", async (context) => {
  process.env.DOORMAN_XMPP_PASSWORD = "any";
  const service = `xmpp://127.0.0.1:${await freePort()}`;
  const doorman = await TestDoorman.start({ xmpp: { service, jid: "doorman@example.com" } });
  context.opened.push(doorman);
  const client = doorman.client(ServerService, await doorman.createKey("example.com"));
  const { server, capabilities: found } = await client.getCapabilities({});
  assert.is(server?.connected, false);
  assert.match(server?.unavailableBecause ?? "", "connection refused");
  assert.equal(
    found.map(({ operation }) => operation),
    OPERATIONS,
  );
  assert.ok(found.every(({ state }) => state === CapabilityState.UNAVAILABLE));
});

if (prosodyIsThere("GetCapabilities: Prosody")) {
  capabilities("ends in its time when the server stands still", async (context) => {
    const { prosody, client } = await onProsody(context);
    assert.is((await client.getCapabilities({})).server?.name, "Prosody");
    prosody.pause();
    const { server, capabilities: found } = await client.getCapabilities({}, { timeoutMs: 30_000 });
    assert.is(server?.name, "");
    assert.not.ok(found.some(({ state }) => state === CapabilityState.READY));
    prosody.resume();
  });

  capabilities("names an ejabberd_api that is set in front of it", async (context) => {
    const { client } = await onProsody(context, { ejabberd_api: "http://127.0.0.1:1/api" });
    const { capabilities: found } = await client.getCapabilities({});
    const misled = found.filter(({ reason }) => reason.includes("xmpp.ejabberd_api is set"));
    assert.ok(misled.every(({ state }) => state === CapabilityState.UNAVAILABLE));
    assert.equal(misled.map(({ operation }) => Operation[operation]).sort(), [
      "CREATE_ACCOUNTS",
      "KICK_USERS",
      "READ_ROSTERS",
      "REFRESH_AT_LOGIN",
      "REFRESH_ROSTERS",
      "WRITE_ROSTERS",
    ]);
  });

  capabilities("changes nothing, and is seen by nobody in a room or at home", async (context) => {
    const { prosody, client } = await onProsody(context);
    const alice = await XmppUser.login(prosody, "alice");
    context.opened.push(alice);
    await alice.joinRoom("snuggery@chat.example.org", "Alice");
    await alice.roster();
    alice.forget();
    await client.getCapabilities({});
    assert.equal(alice.presencesIn("snuggery@chat.example.org"), []);
    assert.equal(await alice.roster(), []);
  });
}

capabilities.run();

async function onProsody(context: Context, settings: { ejabberd_api?: string } = {}) {
  const prosody = await startProsody();
  context.opened.push({ close: () => prosody.stop() });
  process.env.DOORMAN_XMPP_PASSWORD = prosody.password("doorman");
  const doorman = await TestDoorman.start({
    hosts: { "example.com": { roster_url: "http://127.0.0.1:1/%s" } },
    xmpp: { service: prosody.service, jid: prosody.adminJid, ...settings },
  });
  context.opened.push(doorman);
  await doorman.untilReady();
  return { prosody, client: doorman.client(ServerService, await doorman.createKey("example.com")) };
}
