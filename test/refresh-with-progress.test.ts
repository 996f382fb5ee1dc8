import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";
import { TestContactsApp } from "./support/test-contacts-app.js";

interface Context {
  app: TestContactsApp;
  doorman: TestDoorman;
  key: string;
}

const PATH = "/doorman.v1.RosterService/RefreshRostersWithProgress";

const transports: Record<string, (baseUrl: string) => Transport> = {
  "Connect over HTTP/1.1": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect in JSON over HTTP/2": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: false }),
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
  "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
};

const progress = suite<Context>("RefreshRostersWithProgress");

progress.before.each(async (context) => {
  context.app = await TestContactsApp.start();
  context.doorman = await TestDoorman.start({
    hosts: { "example.com": { roster_url: context.app.rosterUrl } },
  });
  context.key = await context.doorman.createKey("example.com");
});
progress.after.each(async ({ app, doorman }) => {
  // A test may have stopped it.
  await doorman?.close().catch(() => {});
  await app?.close();
});

for (const [name, transport] of Object.entries(transports)) {
  progress(`${name}: tells of each user, and how it ended`, async ({ app, doorman, key }) => {
    app.rosters.set("john", { "marie@example.com": {} }).set("aaron", 500).set("marie", {});
    const usernames = ["john", "aaron", "JOHN", "marie", "nobody"];
    const messages = await read(call(transport(doorman.url), key, { usernames }));
    assert.equal(
      messages.map(({ done, of }) => [done, of]),
      [0, 1, 2, 3, 4, 4].map((done) => [done, 4]),
    );
    const results = messages.flatMap(({ result }) => result ?? []);
    assert.equal(results.map(({ username, outcome }) => `${username} ${outcome.case}`).sort(), [
      "aaron error",
      "john changes",
      "marie unchanged",
      "nobody error",
    ]);
    assert.equal(
      messages.map(({ summary }) => summary !== undefined),
      [false, false, false, false, false, true],
    );
    const { status, message, updated, errors } = messages.at(-1)?.summary ?? {};
    assert.equal(
      { status, message, updated, errors },
      { status: "ok", message: "roster update complete", updated: 2, errors: 2 },
    );
    assert.match(lastLine(doorman), /"code":"ok".*"status":200/);
  });

  progress(`${name}: errors have their code and their detail`, async ({ doorman, key }) => {
    const attempt = (key: string, request: object) =>
      read(call(transport(doorman.url), key, request));
    const named = attempt(key, { usernames: ["john", "not a name"] });
    const detail = await rejects(named, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
    assert.is(detail.metadata.field, "usernames[1]");
    assert.match(lastLine(doorman), /"code":"InvalidArgument","reason":"INVALID_FIELD"/);
    const elsewhere = attempt(key, { host: "localhost" });
    await rejects(elsewhere, Code.NotFound, ErrorReason.HOST_NOT_FOUND);
    const many = attempt(key, { usernames: Array(50_001).fill("a") });
    await rejects(many, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
    const large = attempt(key, { usernames: ["a".repeat(1_200_000)] });
    await rejects(large, Code.ResourceExhausted, ErrorReason.MALFORMED_REQUEST);
    await rejects(attempt("x/y", {}), Code.Unauthenticated, ErrorReason.KEY_INVALID);
  });

  progress(`${name}: a caller who goes away ends it`, async ({ app, doorman, key }) => {
    holdAnswers(app);
    const leaving = new AbortController();
    const usernames = Array.from({ length: 100 }, (_, index) => `user${index}`);
    const messages = call(transport(doorman.url), key, { usernames }, { signal: leaving.signal });
    const reading = read(messages);
    await until(() => app.requests.length === 8);
    leaving.abort();
    assert.is(ConnectError.from(await reading.catch((error) => error)).code, Code.Canceled);
    await until(() => lastLine(doorman).includes("RefreshRostersWithProgress"));
    // Nobody new is asked for. Were it otherwise, the refusals would let it go on to the hundredth.
    app.answer = undefined;
    await doorman.rpc("RosterService/RefreshRosters", key, { usernames: ["other"] });
    assert.is(app.requests.length, 9);
  });

  progress(`${name}: ends with Unavailable when Doorman stops`, async ({ app, doorman, key }) => {
    app.answer = (response) => {
      if (response.req.url?.endsWith("/john")) response.end("{}");
    };
    const messages = call(transport(doorman.url), key, { usernames: ["john", "aaron"] });
    const told: number[] = [];
    let stopped: Promise<void> | undefined;
    const reading = (async () => {
      for await (const { done } of messages) {
        told.push(done);
        if (done === 1) stopped = doorman.close();
      }
    })();
    await rejects(reading, Code.Unavailable, ErrorReason.DOORMAN_STOPPING);
    assert.equal(told, [0, 1]);
    await stopped;
  });

  progress(`${name}: a deadline is DeadlineExceeded`, async ({ app, doorman, key }) => {
    holdAnswers(app);
    const messages = call(transport(doorman.url), key, { usernames: ["john"] }, { timeoutMs: 300 });
    const error = ConnectError.from(await read(messages).catch((thrown) => thrown));
    assert.is(Code[error.code], "DeadlineExceeded");
  });
}

progress("without names ends at once", async ({ doorman, key }) => {
  const messages = await read(doorman.client(RosterService, key).refreshRostersWithProgress({}));
  assert.equal(
    messages.map(({ done, of }) => [done, of]),
    [
      [0, 0],
      [0, 0],
    ],
  );
  assert.is(messages[1]?.summary?.status, "ok");
});

progress("is error when nothing succeeded, and a dry run changes nothing", async (context) => {
  const { app, doorman, key } = context;
  const client = doorman.client(RosterService, key);
  const all = await read(client.refreshRostersWithProgress({ usernames: ["nobody"] }));
  assert.is(all.at(-1)?.summary?.status, "error");
  assert.match(all.at(-1)?.summary?.message ?? "", "roster update failed: ");
  app.rosters.set("john", { "marie@example.com": {} });
  const dry = await read(client.refreshRostersWithProgress({ usernames: ["john"], dryRun: true }));
  assert.is(dry[1]?.result?.outcome.case, "changes");
  assert.match(dry.at(-1)?.summary?.message ?? "", "dry run");
  assert.equal((await client.getRoster({ userJid: "john@example.com" })).contacts, []);
});

progress("begins no more users than the caller takes messages", async ({ app, doorman, key }) => {
  const usernames = Array.from({ length: 30_000 }, (_, index) => `user${index}`);
  const request = { usernames };
  const transport = createGrpcTransport({ baseUrl: doorman.url });
  const leaving = new AbortController();
  // A deadline would keep this process after the call is left.
  const options = { signal: leaving.signal, timeoutMs: 0 };
  const messages = call(transport, key, request, options)[Symbol.asyncIterator]();
  await messages.next();
  await until(() => app.requests.length > 0);
  // What HTTP/2 and the sockets hold is read ahead; once these are full, nothing is asked any more.
  let before = -1;
  while (app.requests.length > before) {
    before = app.requests.length;
    await sleep(500);
  }
  assert.ok(before > 0 && before < usernames.length, `${before} requests`);
  leaving.abort();
});

progress("in a form that it does not have is refused, the key first", async ({ doorman, key }) => {
  const post = (authorization: string, type: string, body: string | Buffer) =>
    doorman.fetch(PATH, {
      method: "POST",
      headers: { Authorization: authorization, "Content-Type": type },
      body,
    });
  const plain = await post(`Bearer ${key}`, "application/json", "{}");
  assert.is(plain.status, 415);
  assert.match(await plain.text(), "application/connect+json");
  const wrong = await post("Bearer x/y", "application/json", "{}");
  assert.is(wrong.status, 401);
  assert.match(await wrong.text(), "KEY_INVALID");
  const bodies = {
    "no envelope": Buffer.from("{}"),
    "no JSON": envelope("nonsense"),
    "an unknown field": envelope('{"names":[]}'),
    "a text for a list": envelope('{"usernames":"john"}'),
    "two messages": Buffer.concat([envelope("{}"), envelope("{}")]),
    "no message": Buffer.alloc(0),
  };
  for (const [what, body] of Object.entries(bodies)) {
    const answer = await post(`Bearer ${key}`, "application/connect+json", body);
    assert.is(answer.status, 200, what);
    const said = await answer.text();
    assert.match(said, /"reason":"ERROR_REASON_MALFORMED_REQUEST"/, `${what}: ${said}`);
    assert.not.match(said, /"code":"internal"/, what);
  }
  const list = await post(
    `Bearer ${key}`,
    "application/connect+json",
    envelope('{"usernames":"john"}'),
  );
  assert.match(await list.text(), '"field":"usernames"');
});

progress.run();

function call(
  transport: Transport,
  key: string,
  request: object,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
) {
  const client = createClient(RosterService, transport);
  const headers = { Authorization: `Bearer ${key}` };
  return client.refreshRostersWithProgress(request, {
    timeoutMs: PATIENCE_MS,
    ...options,
    headers,
  });
}

async function read<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

/** Lets the app answer nobody, whose connections close when Doorman has given up. */
function holdAnswers(app: TestContactsApp): void {
  app.answer = (response: ServerResponse) => void once(response, "close");
}

function lastLine(doorman: TestDoorman): string {
  return doorman.log.split("\n").findLast((line) => line.includes('"msg":"call"')) ?? "";
}

async function until(isDone: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isDone()) {
    assert.ok(Date.now() < deadline, "it took too long");
    await sleep(20);
  }
}

/** Connect's framing of a message in a stream: no flags, and the length. */
function envelope(json: string): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(Buffer.byteLength(json), 1);
  return Buffer.concat([prefix, Buffer.from(json)]);
}
