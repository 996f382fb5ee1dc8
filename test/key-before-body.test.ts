import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

interface Context {
  doorman: TestDoorman;
  hangUp: (() => void)[];
}

const refused = suite<Context>("the key is looked at before the body");

refused.before.each(async (context) => {
  context.hangUp = [];
  context.doorman = await TestDoorman.start();
});
refused.after.each(async ({ doorman, hangUp }) => {
  for (const end of hangUp) end();
  await doorman?.close();
});

const WRONG_KEY = "Bearer AAAAAAAA/BBBB";
const calls: [path: string, status: number, error: RegExp][] = [
  ["/muc_kick", 401, /^Authorization failed$/],
  ["/roster_admin/refresh", 401, /key/],
  ["/invites_api", 403, /key/],
  ["/nowhere", 404, /nowhere/],
];
for (const [path, status, error] of calls) {
  for (const framing of ["Content-Length: 100000", "Transfer-Encoding: chunked"]) {
    refused(
      `POST ${path} is refused while its body is still to come, ${framing}`,
      async (context) => {
        const socket = await dial(context);
        const headers = [`POST ${path} HTTP/1.1`, "Host: localhost", `Authorization: ${WRONG_KEY}`];
        socket.write(`${[...headers, framing].join("\r\n")}\r\n\r\n`);
        const answer = await readAnswer(socket);
        assert.is(answer.status, status);
        assert.match((JSON.parse(answer.body) as { error: string }).error, error);
      },
    );
  }

  refused(
    `POST ${path} over HTTP/2 is refused while its body is still to come`,
    async (context) => {
      const session = dialHttp2(context);
      const stream = session.request(
        { ":method": "POST", ":path": path, authorization: WRONG_KEY },
        { endStream: false },
      );
      stream.on("error", () => {});
      const [headers] = await once(stream, "response", {
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      assert.is(headers[constants.HTTP2_HEADER_STATUS], status);
    },
  );
}

refused("a key that is good reads a body that comes late", async (context) => {
  const key = await context.doorman.createKey("example.com");
  const body = JSON.stringify({ nickname: "Bob", muc: "snuggery@chat.example.org" });
  const socket = await dial(context);
  const headers = ["POST /muc_kick HTTP/1.1", "Host: localhost", `Authorization: Bearer ${key}`];
  socket.write(`${[...headers, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n`);
  socket.write(body);
  assert.is((await readAnswer(socket)).status, 200);
});

const DEEP = "[".repeat(100_000) + "]".repeat(100_000);
const HIDDEN_IN_TEXT = `["${"[".repeat(100)}", "a\\"${"{".repeat(100)}"]`;

refused("JSON that is nothing but nested arrays is not parsed", async ({ doorman }) => {
  const parsed = await countParsed(async () => {
    const init = { method: "POST", body: DEEP };
    const response = await doorman.fetch("/roster_admin/refresh", init);
    assert.is(response.status, 400);
    assert.match(((await response.json()) as { error: string }).error, /usernames/);
  });
  assert.is(parsed, 0);
});

const UNARY = "/doorman.v1.HatService/ListRoomHats";
const STREAM = "/doorman.v1.RosterService/RefreshRostersWithProgress";
const messages: [what: string, path: string, type: string, body: Buffer, encoding: string][] = [
  ["a call's message", UNARY, "application/json", Buffer.from(DEEP), ""],
  ["a call's gzipped message", UNARY, "application/json", gzipSync(DEEP), "gzip"],
  ["a stream's message", STREAM, "application/connect+json", enveloped(DEEP), ""],
  ["a gRPC-Web message", UNARY, "application/grpc-web+json", enveloped(DEEP), ""],
];
for (const [what, path, type, body, encoding] of messages) {
  refused(`${what} that is nothing but nested arrays is not parsed`, async ({ doorman }) => {
    const key = await doorman.createKey("example.com");
    const parsed = await countParsed(async () => {
      const response = await doorman.fetch(path, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${key}`,
          "Content-Type": type,
          ...(encoding && { "Content-Encoding": encoding }),
        },
        body,
      });
      // In the trailers of gRPC-Web a sentence is percent-encoded.
      const text = (await response.text()).replaceAll("%20", " ");
      assert.is(response.status, type === "application/json" ? 400 : 200);
      assert.match(text, /invalid_argument|grpc-status: 3\r\n/);
      assert.match(text, "nested more than 16 deep");
      if (!type.includes("grpc")) assert.match(text, "ERROR_REASON_MALFORMED_REQUEST");
    });
    assert.is(parsed, 0);
  });
}

/** Returns how many texts of nested arrays are parsed while a task runs. */
async function countParsed(task: () => Promise<void>): Promise<number> {
  const { parse } = JSON;
  let parsed = 0;
  JSON.parse = (text, reviver) => {
    if (String(text).startsWith("[[")) parsed += 1;
    return parse(text, reviver);
  };
  try {
    await task();
  } finally {
    JSON.parse = parse;
  }
  return parsed;
}

/** Returns a message as streams and gRPC-Web frame it. */
function enveloped(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

refused("brackets inside a text do not count as nested", async ({ doorman }) => {
  const init = { method: "POST", body: HIDDEN_IN_TEXT };
  const response = await doorman.fetch("/roster_admin/refresh", init);
  // The JSON is read, and the second name in it is refused.
  assert.is(response.status, 400);
  assert.match(((await response.json()) as { error: string }).error, /usernames\[1\]/);
});

async function dial({ doorman, hangUp }: Context): Promise<Socket> {
  const { hostname, port } = new URL(doorman.url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on("error", () => {});
  hangUp.push(() => socket.destroy());
  await once(socket, "connect", { signal: AbortSignal.timeout(PATIENCE_MS) });
  return socket;
}

function dialHttp2({ doorman, hangUp }: Context): ClientHttp2Session {
  const session = connectHttp2(doorman.url);
  session.on("error", () => {});
  hangUp.push(() => session.destroy());
  return session;
}

/** Returns the first answer that comes, which has a Content-Length. */
async function readAnswer(socket: Socket): Promise<{ status: number; body: string }> {
  let text = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const [head = "", body] = text.split("\r\n\r\n", 2);
    const length = /^content-length: (\d+)$/im.exec(head)?.[1];
    if (body === undefined || body.length < Number(length)) continue;
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), body };
  }
  throw new Error(`the connection ended without an answer: ${text}`);
}

refused.run();
