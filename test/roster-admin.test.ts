import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const OK = { status: "ok", message: "roster update complete", updated: 2, errors: 0 };

const rosterAdmin = suite<{ doorman: TestDoorman; key: string }>("/roster_admin/refresh");

rosterAdmin.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
rosterAdmin.after.each(async ({ doorman }) => doorman?.close());

rosterAdmin("answers the documented call, without a key from loopback", async (context) => {
  const { doorman, key } = context;
  const response = await refresh(doorman, '["john", "aaron"]');
  assert.is(response.status, 200);
  assert.match(response.headers.get("Content-Type") ?? "", /^application\/json\b/);
  assert.equal(await response.json(), OK);
  assert.equal(await contactsOf(doorman, key, "john@example.com"), [
    "marie@example.com",
    "michael@example.com",
  ]);
});

rosterAdmin("counts a roster that was up to date already", async ({ doorman }) => {
  await refresh(doorman, '["john", "aaron"]');
  assert.equal(await (await refresh(doorman, '["john", "aaron"]')).json(), OK);
});

for (const type of ["application/x-www-form-urlencoded", "text/plain", ""]) {
  rosterAdmin(`reads JSON though the content type is "${type}"`, async ({ doorman }) => {
    const response = await refresh(doorman, '["john", "aaron"]', { "Content-Type": type });
    assert.equal(await response.json(), OK);
  });
}

rosterAdmin("answers an empty array with nothing updated", async ({ doorman }) => {
  const response = await refresh(doorman, "[]");
  assert.is(response.status, 200);
  assert.equal(await response.json(), { ...OK, updated: 0 });
});

rosterAdmin("counts an unknown user as an error", async ({ doorman }) => {
  const response = await refresh(doorman, '["john", "nobody", "aaron"]');
  assert.is(response.status, 200);
  assert.equal(await response.json(), { ...OK, errors: 1 });
});

rosterAdmin("answers 200 with status error when nobody could be refreshed", async ({ doorman }) => {
  const response = await refresh(doorman, '["nobody", "noone"]');
  assert.is(response.status, 200);
  const { message, ...rest } = (await response.json()) as typeof OK;
  assert.equal(rest, { status: "error", updated: 0, errors: 2 });
  assert.ok(message.length > 0);
});

const malformed = ['{"usernames": ["john"]}', '"john"', "1", "null", "[1]", '["john", null]'];
for (const body of [...malformed, "", "john", '["john"', "[[]]", '[""]', '["a b"]', '["a@b"]']) {
  rosterAdmin(`refuses ${body || "an empty body"} with 400`, async ({ doorman, key }) => {
    const response = await refresh(doorman, body);
    await assertError(response, 400, /usernames/);
    assert.equal(await contactsOf(doorman, key, "john@example.com"), []);
  });
}

rosterAdmin("refuses more than 10,000 usernames with 400", async ({ doorman }) => {
  const names = Array.from({ length: 10_001 }, (_, index) => `u${index}`);
  await assertError(await refresh(doorman, JSON.stringify(names)), 400, /10000/);
});

rosterAdmin("answers the second path for one user", async ({ doorman, key }) => {
  const response = await doorman.fetch("/roster_admin/refresh/john");
  assert.is(response.status, 200);
  assert.equal(await response.json(), { status: "ok", message: "roster update complete" });
  assert.is((await contactsOf(doorman, key, "john@example.com")).length, 2);
});

rosterAdmin("answers the second path for an unknown user with status error", async (context) => {
  const response = await context.doorman.fetch("/roster_admin/refresh/nobody");
  assert.is(response.status, 200);
  const body = (await response.json()) as { status: string };
  assert.is(body.status, "error");
  assert.equal(Object.keys(body).sort(), ["message", "status"]);
});

rosterAdmin("refuses a username that is none on the second path with 400", async ({ doorman }) => {
  for (const name of ["a%20b", "a%40b", "%00"]) {
    await assertError(await doorman.fetch(`/roster_admin/refresh/${name}`), 400, /usernames/);
  }
});

const marks: Record<string, string> = {
  "True-Client-IP": "192.0.2.1",
  "X-Client-IP": "192.0.2.1",
  "X-Forwarded-Server": "proxy.example",
  "X-Forwarded-Port": "443",
  "X-Original-Forwarded-For": "192.0.2.1",
  "CDN-Loop": "cdn.example",
  Forwarded: "for=192.0.2.1",
  "X-Forwarded-For": "192.0.2.1",
  "X-Forwarded-Host": "app.example",
  "X-Forwarded-Proto": "https",
  Via: "1.1 proxy.example",
  "X-Real-IP": "192.0.2.1",
  "CF-Connecting-IP": "192.0.2.1",
  Origin: "https://elsewhere.example",
};
for (const [name, value] of Object.entries(marks)) {
  rosterAdmin(`refuses a call without a key that carries ${name} with 401`, async (context) => {
    const { doorman, key } = context;
    await assertError(await refresh(doorman, '["john"]', { [name]: value }), 401, /key/);
    const headers = { [name]: value };
    await assertError(await doorman.fetch("/roster_admin/refresh/john", { headers }), 401, /key/);
    assert.equal(await contactsOf(doorman, key, "john@example.com"), []);
  });

  rosterAdmin(`takes a key with rosters.refresh beside ${name}`, async ({ doorman }) => {
    const key = await doorman.createKey("example.com", ["rosters.refresh"]);
    const headers = { [name]: value, Authorization: `Bearer ${key}` };
    assert.equal(await (await refresh(doorman, '["john", "aaron"]', headers)).json(), OK);
  });
}

for (const host of ["evil.example", "localhost.evil.example:5280", "127.0.0.1.evil.example"]) {
  rosterAdmin(`refuses a call without a key for the Host ${host} with 401`, async (context) => {
    const { doorman, key } = context;
    assert.is(await statusForHost(doorman, host), 401);
    assert.is(await statusForHost(doorman, host, { Authorization: `Bearer ${key}` }), 200);
  });
}

for (const host of [
  ...["localhost", "LOCALHOST:80", "127.0.0.1:5280", "127.1.2.3", "[::1]:5280"],
  ...["example.com", "Example.com:5280"],
]) {
  rosterAdmin(`takes a call without a key for the Host ${host}`, async ({ doorman }) => {
    assert.is(await statusForHost(doorman, host), 200);
  });
}

rosterAdmin(
  "takes a call without a key for the Host of public_url, a host or its MUC domain",
  async () => {
    const doorman = await TestDoorman.start({
      public_url: "https://doorman.example.net/chat",
      hosts: { "bücher.example": { muc: ["räume.example"] } },
    });
    try {
      const ours = ["doorman.example.net", "xn--bcher-kva.example", "xn--rume-loa.example"];
      for (const host of ours) assert.is(await statusForHost(doorman, host), 200, host);
      assert.is(await statusForHost(doorman, "example.net"), 401);
    } finally {
      await doorman.close();
    }
  },
);

for (const listen of ["0.0.0.0:0", "[::]:0"]) {
  rosterAdmin(`refuses a call without a key for a wildcard, listening on ${listen}`, async () => {
    const doorman = await TestDoorman.start({ listen });
    try {
      const { port } = new URL(doorman.url);
      for (const host of ["0.0.0.0", "[::]"]) {
        assert.is(await statusForHost(doorman, `${host}:${port}`), 401, host);
      }
      assert.is(await statusForHost(doorman, `127.0.0.1:${port}`), 200);
    } finally {
      await doorman.close();
    }
  });
}

rosterAdmin("refuses a call without a key for a public_url that is a wildcard", async () => {
  const doorman = await TestDoorman.start({ public_url: "http://0.0.0.0:5280" });
  try {
    assert.is(await statusForHost(doorman, "0.0.0.0:5280"), 401);
  } finally {
    await doorman.close();
  }
});

rosterAdmin("answers 401 to HTTP/1.0 without a key and without a Host", async ({ doorman }) => {
  const path = "/roster_admin/refresh/john";
  assert.match(await rawAnswer(doorman, `GET ${path} HTTP/1.0\r\n\r\n`), /^HTTP\/1\.1 401 /);
  const withHost = `GET ${path} HTTP/1.0\r\nHost: localhost\r\n\r\n`;
  assert.match(await rawAnswer(doorman, withHost), /^HTTP\/1\.1 200 /);
});

rosterAdmin("answers 401 when the target is ours and the Host is foreign", async ({ doorman }) => {
  const line = "GET http://localhost/roster_admin/refresh/john HTTP/1.1\r\nConnection: close";
  assert.match(
    await rawAnswer(doorman, `${line}\r\nHost: evil.example\r\n\r\n`),
    /^HTTP\/1\.1 401 /,
  );
  assert.match(await rawAnswer(doorman, `${line}\r\nHost: localhost\r\n\r\n`), /^HTTP\/1\.1 200 /);
});

rosterAdmin("refuses wrong credentials with 401 even from loopback", async ({ doorman, key }) => {
  const wrong = ["Bearer AAAAAAAA/wrong", `Bearer ${key}x`, `Digest ${key}`, "Basic d3Jvbmc="];
  for (const Authorization of wrong) {
    await assertError(await refresh(doorman, '["john"]', { Authorization }), 401, /key/);
  }
  assert.equal(await contactsOf(doorman, key, "john@example.com"), []);
});

rosterAdmin("refuses a key without the grant with 403 even from loopback", async ({ doorman }) => {
  const key = await doorman.createKey("example.com", ["rosters.read"]);
  const headers = { Authorization: `Bearer ${key}` };
  await assertError(await refresh(doorman, '["john"]', headers), 403, /rosters\.refresh/);
});

rosterAdmin("refreshes the users of the key's host", async ({ doorman }) => {
  const headers = { Authorization: `Bearer ${await doorman.createKey("localhost")}` };
  const response = await refresh(doorman, '["john"]', headers);
  assert.is(((await response.json()) as typeof OK).status, "error");
});

rosterAdmin("refuses a call without a key where none may come without", async () => {
  const doorman = await TestDoorman.start({ roster_admin: { allow_without_key_from: [] } });
  try {
    await assertError(await refresh(doorman, '["john"]'), 401, /key/);
  } finally {
    await doorman.close();
  }
});

rosterAdmin("refuses other methods with 405, and refreshes nothing by HEAD", async (context) => {
  const { doorman, key } = context;
  await assertError(await doorman.fetch("/roster_admin/refresh"), 405, /POST/);
  const init = { method: "HEAD" };
  assert.is((await doorman.fetch("/roster_admin/refresh/john", init)).status, 405);
  assert.equal(await contactsOf(doorman, key, "john@example.com"), []);
});

function refresh(doorman: TestDoorman, body: string, headers: Record<string, string> = {}) {
  // As bytes, for which fetch adds no content type of its own.
  return doorman.fetch("/roster_admin/refresh", {
    method: "POST",
    headers,
    body: Buffer.from(body),
  });
}

/** Refreshes nobody under a Host header, which fetch does not let its caller choose. */
async function statusForHost(
  doorman: TestDoorman,
  host: string,
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  const sent = request(`${doorman.url}/roster_admin/refresh`, {
    method: "POST",
    headers: { ...headers, Host: host },
    timeout: PATIENCE_MS,
  });
  sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
  sent.end("[]");
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

/** Sends bytes and reads until Doorman closes the connection. */
async function rawAnswer(doorman: TestDoorman, bytes: string): Promise<string> {
  const { hostname, port } = new URL(doorman.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("no answer in time")));
  socket.write(bytes);
  return text(socket);
}

async function assertError(response: Response, status: number, error: RegExp): Promise<void> {
  assert.is(response.status, status);
  assert.match(response.headers.get("Content-Type") ?? "", /^application\/json\b/);
  const body = (await response.json()) as { error: string };
  assert.equal(Object.keys(body), ["error"]);
  assert.match(body.error, error);
}

async function contactsOf(doorman: TestDoorman, key: string, userJid: string): Promise<string[]> {
  const { contacts } = await doorman.client(RosterService, key).getRoster({ userJid });
  return contacts.map(({ jid }) => jid);
}

rosterAdmin.run();
