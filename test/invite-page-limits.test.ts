import * as assert from "uvu/assert";
import { CapabilityState, Operation } from "../gen/doorman/v1/server_pb.js";
import { ServerService } from "../gen/doorman/v1/server_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";

/** As many tokens that do not exist as one address may try in ten minutes. */
const UNKNOWN_TOKENS = 30;
const UNKNOWN = "/invite?another";

const limits = suite<{ doorman: TestDoorman; link: string }>("guesses at tokens");

async function start(trusted_proxies: string[]) {
  const doorman = await TestDoorman.start({ trusted_proxies });
  const key = await doorman.createKey("example.com");
  const created = await doorman.fetch(`/invites_api?key=${key}`);
  const { pathname, search } = new URL(created.headers.get("Location") ?? "");
  return { doorman, link: pathname + search };
}

limits.after.each(async ({ doorman }) => doorman?.close());

limits("are refused after 30, with a time to wait", async (context) => {
  const { doorman } = Object.assign(context, await start([]));
  await guess(doorman, UNKNOWN_TOKENS);
  const refused = await doorman.fetch(UNKNOWN);
  assert.is(refused.status, 429);
  const wait = Number(refused.headers.get("Retry-After"));
  assert.ok(wait > 0 && wait <= 600, String(wait));
  assert.match(await refused.text(), "too many attempts");
  assert.is((await doorman.fetch("/invite/redeem?another")).status, 429);
  assert.is((await doorman.fetch(UNKNOWN, { method: "HEAD" })).status, 429);
});

limits("do not shut out a valid link of the same address", async (context) => {
  const { doorman, link } = Object.assign(context, await start([]));
  await guess(doorman, 2 * UNKNOWN_TOKENS);
  assert.is((await doorman.fetch(link)).status, 200);
  assert.is((await doorman.fetch(link, { method: "HEAD" })).status, 200);
  const form = await (await doorman.fetch(link.replace("/invite", "/invite/redeem"))).text();
  const [, form_token = ""] = /name="form_token" value="([^"]+)"/.exec(form) ?? [];
  const password = "correct horse battery";
  const created = await doorman.fetch(link.replace("/invite", "/invite/redeem"), {
    method: "POST",
    body: new URLSearchParams({ form_token, username: "newcomer", password, repeat: password }),
  });
  assert.is(created.status, 200);
  // A link that was valid once does not count either.
  assert.is((await doorman.fetch(link)).status, 410);
});

limits(
  "do not count, nor use up an invite, for a valid link that is only read",
  async (context) => {
    const { doorman, link } = Object.assign(context, await start([]));
    // As programs do that show a preview of a link.
    for (let visit = 0; visit < 2 * UNKNOWN_TOKENS; visit++) {
      const headers = { "User-Agent": "facebookexternalhit/1.1" };
      assert.is((await doorman.fetch(link, { headers })).status, 200);
    }
    assert.is((await doorman.fetch(UNKNOWN)).status, 404);
  },
);

limits("count by the peer, whatever a header says, unless a proxy is trusted", async (context) => {
  const { doorman } = Object.assign(context, await start(["10.0.0.0/8"]));
  for (let visit = 0; visit < UNKNOWN_TOKENS; visit++) {
    await guess(doorman, 1, `192.0.2.${visit}`);
  }
  assert.is(await statusFor(doorman, UNKNOWN, "198.51.100.1"), 429);
});

limits("count by the visitor that a trusted proxy names", async (context) => {
  const { doorman } = Object.assign(context, await start(["127.0.0.1", "10.0.0.0/8"]));
  await guess(doorman, UNKNOWN_TOKENS, "192.0.2.1");
  assert.is(await statusFor(doorman, UNKNOWN, "192.0.2.1"), 429);
  // Whoever is caught can write a header, but no proxy of ours repeats what it says.
  assert.is(await statusFor(doorman, UNKNOWN, "203.0.113.9, 192.0.2.1"), 429);
  assert.is(await statusFor(doorman, UNKNOWN, "no address, 192.0.2.1, 10.1.2.3"), 429);
  assert.is(await statusFor(doorman, UNKNOWN, "192.0.2.2"), 404);
  assert.is(await statusFor(doorman, UNKNOWN, "192.0.2.1, 192.0.2.2"), 404);
});

limits("count a household by its IPv6 network", async (context) => {
  const { doorman } = Object.assign(context, await start(["127.0.0.1"]));
  await guess(doorman, UNKNOWN_TOKENS, "2001:db8:1:2:aaaa::1");
  for (const neighbour of ["2001:db8:1:2::5", "2001:0DB8:0001:0002:bbbb:0:0:9"]) {
    assert.is(await statusFor(doorman, UNKNOWN, neighbour), 429, neighbour);
  }
  for (const stranger of ["2001:db8:1:3:aaaa::1", "2001:db8:1::2", "::1", "::"]) {
    assert.is(await statusFor(doorman, UNKNOWN, stranger), 404, stranger);
  }
});

limits("know a visitor whose port or brackets the proxy wrote too", async (context) => {
  const { doorman } = Object.assign(context, await start(["127.0.0.1"]));
  await guess(doorman, UNKNOWN_TOKENS / 2, "192.0.2.1:4711");
  await guess(doorman, UNKNOWN_TOKENS / 2, "192.0.2.1");
  assert.is(await statusFor(doorman, UNKNOWN, "192.0.2.1:4712"), 429);
  await guess(doorman, UNKNOWN_TOKENS, "[2001:db8::1]:443");
  assert.is(await statusFor(doorman, UNKNOWN, "[2001:db8::1]"), 429);
  assert.is(await statusFor(doorman, UNKNOWN, "192.0.2.2:4711"), 404);
});

limits(
  "warn once of a proxy that is not named, and GetCapabilities tells of it",
  async (context) => {
    const { doorman, link } = Object.assign(context, await start(["10.0.0.0/8"]));
    const client = doorman.client(ServerService, await doorman.createKey("example.com"));
    const invites = async () =>
      (await client.getCapabilities({})).capabilities.find(
        ({ operation }) => operation === Operation.CREATE_INVITES,
      );
    assert.is((await invites())?.state, CapabilityState.READY);
    for (const visitor of ["192.0.2.1", "192.0.2.2"]) {
      assert.is(await statusFor(doorman, link, visitor), 200);
    }
    const warnings = doorman.log.split("\n").filter((line) => line.includes("trusted_proxies"));
    assert.is(warnings.length, 1);
    assert.match(warnings[0] ?? "", '"peer":"127.0.0.1"');
    const found = await invites();
    assert.is(found?.state, CapabilityState.DEGRADED);
    assert.is(found?.fixes[0]?.lines, 'trusted_proxies: ["127.0.0.1"]');
  },
);

async function guess(doorman: TestDoorman, count: number, from?: string): Promise<void> {
  for (let guess = 0; guess < count; guess++) {
    const isAllowed = guess < UNKNOWN_TOKENS;
    assert.is(await statusFor(doorman, `/invite?guess${guess}`, from), isAllowed ? 404 : 429);
  }
}

async function statusFor(doorman: TestDoorman, path: string, from?: string): Promise<number> {
  const headers = from === undefined ? {} : { "X-Forwarded-For": from };
  return (await doorman.fetch(path, { headers })).status;
}

limits.run();
