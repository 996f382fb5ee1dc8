import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import * as assert from "uvu/assert";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const server = suite<{ doorman: TestDoorman; key: string }>("the server");

server.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
server.after.each(async ({ doorman }) => doorman?.close());

for (const method of ["GET", "POST", "PUT"]) {
  server(`reads HTTP/1.1 that comes byte by byte: ${method}`, async ({ doorman, key }) => {
    const socket = await open(doorman);
    const lines = [`${method} /invites_api?key=${key} HTTP/1.1`, "Host: x", "Connection: close"];
    const answered = readToEnd(socket);
    await writeByteByByte(socket, `${lines.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`);
    assert.match(await answered, method === "PUT" ? /^HTTP\/1\.1 405 / : /^HTTP\/1\.1 201 /);
  });
}

server("reads HTTP/2 whose preface comes byte by byte", async ({ doorman, key }) => {
  const socket = await open(doorman);
  const session = connectHttp2(doorman.url, { createConnection: () => slowly(socket) });
  session.setTimeout(PATIENCE_MS, () => session.destroy(new Error("no answer in time")));
  const stream = session.request({ [constants.HTTP2_HEADER_PATH]: `/invites_api?key=${key}` });
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
  assert.is(headers[constants.HTTP2_HEADER_STATUS], 201);
  stream.close();
  session.destroy();
  socket.destroy();
});

server("closes connections that end before they have said what they are", async ({ doorman }) => {
  const starts = ["", "P", "PR", "PRI", "PRI * HTTP/2.0\r\n\r\n", "PRX", "\0\0\0", "GET"];
  await Promise.all(
    starts.map(async (start) => {
      const socket = await open(doorman);
      const ended = readToEnd(socket);
      socket.end(start);
      await ended;
    }),
  );
  assert.is((await doorman.fetch("/healthz")).status, 200);
});

server("closes an HTTP/2 connection that its client has ended", async ({ doorman, key }) => {
  const socket = await open(doorman);
  const session = connectHttp2(doorman.url, { createConnection: () => socket });
  session.on("error", () => {});
  const stream = session.request({ [constants.HTTP2_HEADER_PATH]: `/invites_api?key=${key}` });
  stream.resume();
  await once(stream, "close");
  // As the system does for a client that was killed: without a GOAWAY.
  socket.end();
  await once(socket, "close");
});

server("answers a client that has ended its side after the request", async ({ doorman }) => {
  const socket = await open(doorman);
  const answered = readToEnd(socket);
  socket.end("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert.match(await answered, /^HTTP\/1\.1 200 /);
});

server("answers 400 to what is no HTTP", async ({ doorman }) => {
  const socket = await open(doorman);
  const answered = readToEnd(socket);
  socket.write("EHLO example.com\r\n\r\n");
  assert.match(await answered, /^HTTP\/1\.1 400 /);
});

server("never takes its public URL from a request", async ({ doorman, key }) => {
  const location = await locationWith(doorman, key, {
    Host: "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    Forwarded: "host=evil.example;proto=https",
  });
  assert.ok(location.startsWith(`${doorman.url}/invite?`), location);
});

for (const publicUrl of ["https://example.com", "https://example.com/chat/"]) {
  server(`writes the configured public_url ${publicUrl} in links`, async () => {
    const doorman = await TestDoorman.start({ public_url: publicUrl });
    try {
      const key = await doorman.createKey("example.com");
      const expected = `${publicUrl.replace(/\/$/, "")}/invite?`;
      const location = await locationWith(doorman, key, { Host: "evil.example" });
      assert.is(location.slice(0, -24), expected);
      const { invite } = await doorman.client(InviteService, key).createInvite({});
      assert.is(invite?.landingPageUrl, expected + invite?.token);
    } finally {
      await doorman.close();
    }
  });
}

server("answers a Host header that is none with 400", async ({ doorman, key }) => {
  for (const path of [`/invites_api?key=${key}`, "/doorman.v1.InviteService/ListInvites"]) {
    const { status } = await get(doorman, path, { Host: "a b/c?d" });
    assert.is(status, 400, path);
  }
});

server("answers what is nowhere with 404 and JSON", async ({ doorman }) => {
  for (const path of ["/nothing", "/doorman.v1.InviteService"]) {
    const response = await doorman.fetch(path);
    assert.is(response.status, 404, path);
    assert.type(((await response.json()) as { error: unknown }).error, "string");
  }
});

for (const method of ["GET /healthz", "POST /invites_api"]) {
  server(`answers HTTP/1.0 without a Host header: ${method}`, async ({ doorman, key }) => {
    const socket = await open(doorman);
    const answered = readToEnd(socket);
    socket.write(`${method} HTTP/1.0\r\nAuthorization: Bearer ${key}\r\n\r\n`);
    assert.match(await answered, /^HTTP\/1\.1 20[01] /);
  });
}

for (const target of ["http://example.com:99", "HTTP://example.com", ""]) {
  server(`reads a target that begins with "${target}"`, async ({ doorman, key }) => {
    const socket = await open(doorman);
    const answered = readToEnd(socket);
    const body = JSON.stringify({ roomJid: "snuggery@chat.example.org" });
    const headers = [
      ...["Host: ignored", "Connection: close", `Authorization: Bearer ${key}`],
      ...["Content-Type: application/json", `Content-Length: ${body.length}`],
    ];
    const line = `POST ${target}/doorman.v1.RoomService/ListOccupants HTTP/1.1`;
    socket.write([line, ...headers, "", body].join("\r\n"));
    assert.match(await answered, /^HTTP\/1\.1 200 [\s\S]*"nickname":"Bob"/);
  });
}

server("is ready and healthy in the sandbox", async ({ doorman }) => {
  assert.equal(await (await doorman.fetch("/readyz")).json(), { status: "ready" });
  assert.equal(await (await doorman.fetch("/healthz")).json(), { status: "ok" });
});

async function open(doorman: TestDoorman): Promise<Socket> {
  const { hostname, port } = new URL(doorman.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("no answer in time")));
  await once(socket, "connect");
  return socket;
}

/** Writes so that the server is likely to see each of the first bytes alone. */
async function writeByteByByte(socket: Socket, bytes: string | Buffer): Promise<void> {
  for (const [index, byte] of Buffer.from(bytes).entries()) {
    socket.write(Buffer.of(byte));
    await pause(index < 8 ? 5 : 0);
  }
}

/** Answers a stream like the socket, but what is written to it goes out byte by byte. */
function slowly(socket: Socket): Duplex {
  const slow = new Duplex({
    read() {
      socket.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      writeByteByByte(socket, chunk).then(() => done(), done);
    },
  });
  socket.on("data", (chunk) => slow.push(chunk));
  socket.on("end", () => slow.push(null));
  return slow;
}

/** Reads until the server closes the connection. */
async function readToEnd(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  await once(socket, "close");
  return text;
}

async function locationWith(doorman: TestDoorman, key: string, headers: Record<string, string>) {
  const { status, location } = await get(doorman, `/invites_api?key=${key}`, headers);
  assert.is(status, 201);
  return location;
}

/** Is for headers that fetch does not let its caller choose. */
async function get(doorman: TestDoorman, path: string, headers: Record<string, string>) {
  const sent = request(doorman.url + path, { headers, timeout: PATIENCE_MS });
  sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
  sent.end();
  const [response] = await once(sent, "response");
  response.resume();
  return { status: response.statusCode as number, location: String(response.headers.location) };
}

server.run();
