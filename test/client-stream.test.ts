import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  Code,
  createDoorman,
  DoormanError,
  ErrorReason,
  RefreshRostersWithProgressResponseSchema,
} from "doorman-xmpp-client";
import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import { FlakyProxy } from "./support/flaky-proxy.js";
import { PATIENCE_MS } from "./support/patience.js";
import { doorman as runDoorman } from "./support/run-command.js";
import { suite } from "./support/suite.js";
import { TestContactsApp } from "./support/test-contacts-app.js";

interface Context {
  app: TestContactsApp;
  server: TestDoorman;
  key: string;
  /** What a test has started besides. */
  others: { close(): void }[];
}

const streams = suite<Context>("the typed client reads a stream");

streams.before.each(async (context) => {
  context.others = [];
  context.app = await TestContactsApp.start();
  context.server = await TestDoorman.start({
    hosts: { "example.com": { roster_url: context.app.rosterUrl } },
  });
  context.key = await context.server.createKey("example.com");
});
streams.after.each(async ({ app, server, others }) => {
  for (const other of others) other.close();
  await server?.close();
  await app?.close();
});

streams("to its end", async ({ server, key, app }) => {
  app.rosters.set("john", {});
  const { rosters } = createDoorman({ baseUrl: server.url, key });
  const messages = await read(rosters.refreshRostersWithProgress({ usernames: ["john"] }));
  assert.equal(
    messages.map(({ done, of }) => [done, of]),
    [
      [0, 1],
      [1, 1],
      [1, 1],
    ],
  );
  assert.is(messages[2]?.summary?.updated, 1);
});

streams("and its error is a DoormanError, with the reason", async ({ server, key }) => {
  const { rosters } = createDoorman({ baseUrl: server.url, key });
  const error = await errorOf(rosters.refreshRostersWithProgress({ usernames: ["not a name"] }));
  assert.is(error.reason, ErrorReason.INVALID_FIELD);
  assert.is(error.detail.metadata.field, "usernames[0]");
});

streams("once more while Doorman is Unavailable, before it begins", async (context) => {
  const proxy = await FlakyProxy.start(context.server.url, 2);
  context.others.push(proxy);
  const { rosters } = createDoorman({ baseUrl: proxy.url, key: context.key });
  const messages = await read(rosters.refreshRostersWithProgress({}));
  assert.is(messages.at(-1)?.summary?.status, "ok");
  assert.is(proxy.requests.length, 3);
});

streams("that breaks off as Unavailable, and never again after it began", async (context) => {
  const cut = await cutServer(context, (response) => response.destroy());
  const { rosters } = createDoorman({ baseUrl: cut.url, key: context.key });
  const seen: number[] = [];
  const error = await errorOf(rosters.refreshRostersWithProgress({}), ({ of }) => seen.push(of));
  assert.is(Code[error.code], "Unavailable");
  assert.match(error.rawMessage, `Doorman could not be reached at ${cut.url}`);
  assert.equal([seen, cut.requests], [[7], 1]);
});

streams("that stalls until the deadline", async (context) => {
  const cut = await cutServer(context, () => {});
  const { rosters } = createDoorman({ baseUrl: cut.url, key: context.key, timeoutMs: 300 });
  const error = await errorOf(rosters.refreshRostersWithProgress({}));
  assert.is(Code[error.code], "DeadlineExceeded");
  assert.is(cut.requests, 1);
});

streams("until it is cancelled", async (context) => {
  const cut = await cutServer(context, () => {});
  const { rosters } = createDoorman({ baseUrl: cut.url, key: context.key });
  const controller = new AbortController();
  const messages = rosters.refreshRostersWithProgress({}, { signal: controller.signal });
  const error = await errorOf(messages, () => controller.abort());
  assert.is(Code[error.code], "Canceled");
});

streams("and ends the call when its signal aborts", async ({ app, server, key }) => {
  app.answer = () => {};
  const { rosters } = createDoorman({ baseUrl: server.url, key });
  const leaving = new AbortController();
  const { signal } = leaving;
  const messages = rosters.refreshRostersWithProgress({ usernames: ["john"] }, { signal });
  for await (const _ of messages) break;
  leaving.abort();
  const deadline = Date.now() + PATIENCE_MS;
  while (!/"msg":"call"/.test(server.log)) {
    assert.ok(Date.now() < deadline, "Doorman still works on it");
    await sleep(20);
  }
});

streams("and the command line reports what it had heard when it broke off", async (context) => {
  const cut = await cutServer(context, (response) => response.destroy());
  const env = { DOORMAN_URL: cut.url, DOORMAN_KEY: context.key };
  const { status, stdout, stderr } = await runDoorman(["roster", "refresh", "john", "aaron"], {
    env,
  });
  assert.is(status, 5);
  assert.match(stdout, "john  unchanged");
  assert.match(stdout, "1 up to date, 0 failed");
  assert.match(stderr, "Error: Doorman could not be reached");
});

streams.run();

async function read<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

async function errorOf<T>(
  messages: AsyncIterable<T>,
  look: (message: T) => void = () => {},
): Promise<DoormanError> {
  try {
    for await (const message of messages) look(message);
  } catch (error) {
    assert.ok(error instanceof DoormanError, String(error));
    return error as DoormanError;
  }
  return assert.unreachable("the call succeeded") as never;
}

/** Starts a Doorman of sorts that sends one message, and then does what a test wants to see handled. */
async function cutServer(
  context: Context,
  then: (response: ServerResponse) => void,
): Promise<{ url: string; requests: number }> {
  const message = toBinary(
    RefreshRostersWithProgressResponseSchema,
    create(RefreshRostersWithProgressResponseSchema, {
      of: 7,
      result: { username: "john", outcome: { case: "unchanged", value: {} } },
    }),
  );
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.byteLength, 1);
  const cut = { url: "", requests: 0 };
  const server: Server = createServer((_request, response) => {
    cut.requests += 1;
    response.writeHead(200, { "Content-Type": "application/connect+proto" });
    response.write(Buffer.concat([prefix, message]), () => setTimeout(() => then(response), 50));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cut.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  context.others.push({
    close() {
      server.close();
      server.closeAllConnections();
    },
  });
  return cut;
}
