import * as assert from "uvu/assert";
import { InviteState } from "../gen/doorman/v1/invite_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";

const CORS_HEADERS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "OPTIONS, GET, POST",
  "Access-Control-Allow-Headers": "Content-Type, Authorization",
  "Access-Control-Max-Age": "7200",
};
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

const invitesApi = suite<{ doorman: TestDoorman; key: string }>("/invites_api");

invitesApi.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
invitesApi.after.each(async ({ doorman }) => doorman?.close());

invitesApi("answers 201, no body, and the invite's page in Location", async ({ doorman, key }) => {
  const response = await doorman.fetch(`/invites_api?key=${key}`);
  await assertCreated(doorman, response, 201);
});

invitesApi(
  "creates an invite that is good once, for a week, on the key's host",
  async (context) => {
    const { doorman, key } = context;
    const before = Date.now();
    const token = tokenOf(await doorman.fetch(`/invites_api?key=${key}`));
    const { invite } = await doorman.client(InviteService, key).getInvite({ token });
    assert.is(invite?.state, InviteState.PENDING);
    assert.is(invite?.host, "example.com");
    assert.is(invite?.uri, `xmpp:example.com?register;preauth=${token}`);
    assert.is(invite?.maxUses, 1);
    assert.is(invite?.keyId, key.split("/")[0]);
    const expireTimeMs = Number(invite?.expireTime?.seconds) * 1000;
    assert.ok(expireTimeMs > before + WEEK_MS - 1_000);
    assert.ok(expireTimeMs <= Date.now() + WEEK_MS);
  },
);

invitesApi("creates invites for the other host with that host's key", async ({ doorman }) => {
  const key = await doorman.createKey("localhost");
  const token = tokenOf(await doorman.fetch(`/invites_api?key=${key}`));
  const { invite } = await doorman.client(InviteService, key).getInvite({ token });
  assert.is(invite?.uri, `xmpp:localhost?register;preauth=${token}`);
});

invitesApi("creates another invite at each call", async ({ doorman, key }) => {
  const one = tokenOf(await doorman.fetch(`/invites_api?key=${key}`));
  const other = tokenOf(await doorman.fetch(`/invites_api?key=${key}`));
  assert.is.not(one, other);
  assert.is(await countInvites(doorman, key), 2);
});

for (const value of ["true", "1", "false", "no"]) {
  invitesApi(`answers 303 with redirect=${value}`, async ({ doorman, key }) => {
    const response = await doorman.fetch(`/invites_api?key=${key}&redirect=${value}`);
    await assertCreated(doorman, response, 303);
  });
}

for (const parameter of ["redirect=", "redirect"]) {
  invitesApi(`answers 201 with an empty ${parameter}`, async ({ doorman, key }) => {
    await assertCreated(doorman, await doorman.fetch(`/invites_api?key=${key}&${parameter}`), 201);
  });
}

const schemes: Record<string, (key: string) => string> = {
  Bearer: (key) => `Bearer ${key}`,
  "bearer in lower case": (key) => `bearer ${key}`,
  Basic: (key) => `Basic ${Buffer.from(key.replace("/", ":")).toString("base64")}`,
};
for (const [name, authorizationOf] of Object.entries(schemes)) {
  invitesApi(`takes the key as ${name}, without a query string`, async ({ doorman, key }) => {
    const headers = { Authorization: authorizationOf(key) };
    await assertCreated(doorman, await doorman.fetch("/invites_api", { headers }), 201);
  });

  invitesApi(`redirects with the key as ${name}`, async ({ doorman, key }) => {
    const headers = { Authorization: authorizationOf(key) };
    const response = await doorman.fetch("/invites_api?redirect=true", { headers });
    await assertCreated(doorman, response, 303);
  });
}

invitesApi("creates by POST like by GET", async ({ doorman, key }) => {
  const method = "POST";
  await assertCreated(doorman, await doorman.fetch(`/invites_api?key=${key}`, { method }), 201);
  const headers = { Authorization: `Bearer ${key}` };
  const init = { method, headers, body: "not JSON at all" };
  await assertCreated(doorman, await doorman.fetch("/invites_api?redirect=true", init), 303);
  assert.is(await countInvites(doorman, key), 2);
});

invitesApi("answers a CORS preflight without a key", async ({ doorman, key }) => {
  for (const path of ["/invites_api", `/invites_api?key=${key}`]) {
    const response = await doorman.fetch(path, {
      method: "OPTIONS",
      headers: { Origin: "https://app.example", "Access-Control-Request-Method": "GET" },
    });
    assert.is(response.status, 200);
    assertCors(response);
    assert.is(response.headers.get("Content-Length"), "0");
    assert.is(await response.text(), "");
  }
  assert.is(await countInvites(doorman, key), 0);
});

invitesApi("creates nothing by HEAD", async ({ doorman, key }) => {
  const response = await doorman.fetch(`/invites_api?key=${key}`, { method: "HEAD" });
  assert.is(response.status, 405);
  assert.is(response.headers.get("Location"), null);
  assert.is(await countInvites(doorman, key), 0);
});

invitesApi("refuses other methods with 405, saying which there are", async ({ doorman, key }) => {
  for (const method of ["PUT", "DELETE", "PATCH"]) {
    const response = await doorman.fetch(`/invites_api?key=${key}`, { method });
    await assertJsonError(response, 405, /GET/);
    assert.match(response.headers.get("Allow") ?? "", /GET.*POST|POST.*GET/);
  }
  assert.is(await countInvites(doorman, key), 0);
});

/** Asserts what modules.md says of a created invite. */
async function assertCreated(doorman: TestDoorman, response: Response, status: 201 | 303) {
  assert.is(response.status, status);
  assert.is(response.headers.get("Content-Length"), "0");
  assert.is(await response.text(), "");
  const location = response.headers.get("Location") ?? "";
  assert.match(location, /\?[\w-]{24}$/);
  assert.is(location.slice(0, -24), `${doorman.url}/invite?`);
  assertCors(response);
  assert.is(response.headers.get("Cache-Control"), "no-store");
}

function assertCors(response: Response): void {
  for (const [name, value] of Object.entries(CORS_HEADERS)) {
    assert.is(response.headers.get(name), value, name);
  }
}

async function assertJsonError(response: Response, status: number, text: RegExp): Promise<void> {
  assert.is(response.status, status);
  assert.match(response.headers.get("Content-Type") ?? "", /^application\/json\b/);
  const body = (await response.json()) as { error: string };
  assert.equal(Object.keys(body), ["error"]);
  assert.match(body.error, text);
}

function tokenOf(response: Response): string {
  return response.headers.get("Location")?.split("?")[1] ?? "";
}

async function countInvites(doorman: TestDoorman, key: string): Promise<number> {
  return (await doorman.client(InviteService, key).listInvites({})).invites.length;
}

invitesApi.run();
