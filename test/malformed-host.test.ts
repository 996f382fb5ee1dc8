import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect, type OutgoingHttpHeaders } from "node:http2";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const RPC = "/doorman.v1.InviteService/ListInvites";
const ROUTES = [
  ...["/roster_admin/refresh/john", "/invite?abc", "/invite/?abc", "/invites_api", "/healthz"],
  ...["/docs", "/nothing", RPC, "/doorman.v1.InviteService/Nothing"],
];

const malformedHost = suite<{ doorman: TestDoorman }>("a malformed Host");

malformedHost.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
});
malformedHost.after.each(async ({ doorman }) => doorman?.close());

for (const host of ["1.2.3.4.5", "999.1.1.1", "b\u00fccher.example", "a@localhost"]) {
  malformedHost(
    `"${host}" is answered with 400 on every path, without a fault`,
    async (context) => {
      const { doorman } = context;
      for (const path of ROUTES) {
        const { status, body } = await overHttp1(doorman, path, host);
        assert.is(status, 400, path);
        assert.match(JSON.parse(body).error ?? JSON.parse(body).message, /malformed|host header/i);
      }
      assert.not.match(doorman.log, /"level":[56]0/);
    },
  );
}

// Node.js 24 takes these names, which Node.js 20 refuses.
for (const host of ["xn--", "xn--a.b"]) {
  malformedHost(`"${host}" is not answered with a fault`, async ({ doorman }) => {
    for (const path of ROUTES) {
      const { status = 500 } = await overHttp1(doorman, path, host);
      assert.ok(status < 500, path);
    }
    assert.not.match(doorman.log, /"level":[56]0/);
  });
}

for (const host of ["1.2.3.4.5", "999.1.1.1"]) {
  malformedHost(`"${host}" is answered with 400 over HTTP/2 too`, async ({ doorman }) => {
    for (const path of ROUTES) {
      assert.is((await overHttp2(doorman, path, { ":authority": host })).status, 400, path);
    }
    assert.not.match(doorman.log, /"level":[56]0/);
  });
}

malformedHost("that contradicts :authority is answered with 400", async ({ doorman }) => {
  for (const path of ROUTES) {
    const headers = { ":authority": "localhost", host: "evil.example" };
    const { status, body } = await overHttp2(doorman, path, headers);
    assert.is(status, 400, path);
    assert.match(body, /:authority and the Host header name different hosts/);
  }
});

malformedHost("is none that says what :authority says, or stands in its place", async (context) => {
  const { doorman } = context;
  const path = "/roster_admin/refresh/john";
  const same = { ":authority": "localhost", host: "LOCALHOST" };
  assert.is((await overHttp2(doorman, path, same)).status, 200);
  assert.is((await overHttp2(doorman, path, { host: "localhost" })).status, 200);
  assert.is((await overHttp2(doorman, path, { host: "evil.example" })).status, 401);
});

malformedHost("is none that has an underscore, a port or an IPv6 address", async ({ doorman }) => {
  for (const host of ["my_service:5280", "EXAMPLE.com:80", "[::1]:5280", "xn--bcher-kva.example"]) {
    assert.is((await overHttp1(doorman, "/healthz", host)).status, 200, host);
    assert.is((await overHttp1(doorman, RPC, host)).status, 401, host);
  }
});

async function overHttp1(doorman: TestDoorman, path: string, host: string) {
  const method = path.startsWith("/doorman.v1.") ? "POST" : "GET";
  const headers = { Host: host, "Content-Type": "application/json" };
  const sent = request(doorman.url + path, { method, headers, timeout: PATIENCE_MS });
  sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

async function overHttp2(doorman: TestDoorman, path: string, headers: OutgoingHttpHeaders) {
  const session = connect(doorman.url);
  session.on("error", () => {});
  session.setTimeout(PATIENCE_MS, () => session.destroy(new Error("no answer in time")));
  try {
    const method = path.startsWith("/doorman.v1.") ? "POST" : "GET";
    const stream = session.request({ ":method": method, ":path": path, ...headers });
    stream.end();
    const [answered] = await once(stream, "response");
    return { status: answered[":status"] as number, body: await text(stream) };
  } finally {
    session.destroy();
  }
}

malformedHost.run();
