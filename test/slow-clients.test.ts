import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { HttpListener, HttpResponse } from "../src/server/http-message.js";
import { openClearTextPort } from "../src/server/ports/clear-text-port.js";
import type { ClientLimits } from "../src/server/ports/limits.js";
import type { Port } from "../src/server/ports/port.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

/** More than the buffers of two sockets hold. */
const LARGE = Buffer.alloc(64 * 1024 * 1024);
/** More than the window of an HTTP/2 stream. */
const WINDOW_AND_MORE = Buffer.alloc(1024 * 1024);
const NEVER: ClientLimits = { requestMs: 600_000, stalledMs: 600_000, pieceMs: 600_000 };
const STALLED_SOON: ClientLimits = { ...NEVER, stalledMs: 50 };
const PIECE_SOON: ClientLimits = { ...NEVER, pieceMs: 50 };
const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

interface Context {
  opened: { port?: Port; hangUp: () => void }[];
}

const slow = suite<Context>("clients that do not take their answers");

slow.before.each((context) => {
  context.opened = [];
});
slow.after.each(async ({ opened }) => {
  for (const { hangUp } of opened) hangUp();
  for (const { port } of opened) await port?.close().catch(() => {});
});

for (const [name, limits] of Object.entries({ stalledMs: STALLED_SOON, pieceMs: PIECE_SOON })) {
  slow(`lose the connection over HTTP/1.1, by ${name}`, async (context) => {
    const answering = waiting<HttpResponse>();
    const port = await open(context, limits, (_request, response) => {
      answering.resolve(response);
      response.end(LARGE);
    });
    const socket = await dial(context, port);
    socket.pause();
    socket.write(GET);
    const response = await answering.promise;
    await within(once(response, "close"));
    assert.ok(response.destroyed);
  });

  slow(`lose the stream over HTTP/2, by ${name}, and no other`, async (context) => {
    const port = await open(context, limits, (request, response) => {
      response.end(request.url === "/large" ? WINDOW_AND_MORE : "small");
    });
    const session = connectHttp2(`http://127.0.0.1:${port.address.port}`);
    session.on("error", () => {});
    context.opened.push({ hangUp: () => session.destroy() });
    // Nobody reads it: the window is never opened again (RFC 9113 section 5.2).
    const stream = session.request({ ":path": "/large" });
    stream.on("error", () => {});
    await within(once(stream, "close"));
    assert.is(stream.rstCode, constants.NGHTTP2_CANCEL);
    const other = session.request({ ":path": "/small" });
    other.setEncoding("utf8");
    assert.is((await within(other.toArray())).join(""), "small");
  });
}

slow("a call may take longer than any of that before it answers", async (context) => {
  const limits = { requestMs: 50, stalledMs: 5, pieceMs: 5 };
  const port = await open(context, limits, (_request, response) => {
    void pause(200).then(() => response.end("at last"));
  });
  const url = `http://127.0.0.1:${port.address.port}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  assert.is(await response.text(), "at last");
  const session = connectHttp2(url);
  context.opened.push({ hangUp: () => session.destroy() });
  const stream = session.request({ ":path": "/" });
  stream.setEncoding("utf8");
  assert.is((await within(stream.toArray())).join(""), "at last");
});

slow("a request over HTTP/2 that does not end loses its stream", async (context) => {
  const port = await open(context, { ...NEVER, requestMs: 50 }, (request) => {
    request.resume();
  });
  const session = connectHttp2(`http://127.0.0.1:${port.address.port}`);
  session.on("error", () => {});
  context.opened.push({ hangUp: () => session.destroy() });
  const stream = session.request({ ":method": "POST", ":path": "/" }, { endStream: false });
  stream.on("error", () => {});
  stream.resume();
  await within(once(stream, "close"));
  assert.is(stream.rstCode, constants.NGHTTP2_CANCEL);
});

slow("who sends many requests at once is refused most of them, and closed", async (context) => {
  let calls = 0;
  const port = await open(context, STALLED_SOON, (_request, response) => {
    calls++;
    setImmediate(() => response.end());
  });
  const socket = await dial(context, port);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.write(GET.repeat(200));
  await within(once(socket, "close"));
  const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
  assert.is(statuses.at(-1), "503");
  assert.is(statuses.filter((status) => status === "200").length, calls);
  assert.ok(calls < 200);
});

slow.run();

async function open(context: Context, limits: ClientLimits, listener: HttpListener) {
  const port = await openClearTextPort({ host: "127.0.0.1", port: 0 }, listener, { limits });
  context.opened.push({ port, hangUp: () => {} });
  return port;
}

async function dial(context: Context, port: Port): Promise<Socket> {
  const socket = connect(port.address.port, "127.0.0.1");
  socket.on("error", () => {});
  context.opened.push({ hangUp: () => socket.destroy() });
  await within(once(socket, "connect"));
  return socket;
}

function waiting<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise: within(promise), resolve };
}

async function within<T>(promise: Promise<T>): Promise<T> {
  const end = new AbortController();
  const tooLate = pause(PATIENCE_MS, undefined, { signal: end.signal }).then(() => {
    throw new Error(`nothing happened within ${PATIENCE_MS} ms`);
  });
  tooLate.catch(() => {});
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    end.abort();
  }
}
