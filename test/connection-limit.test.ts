import { once } from "node:events";
import { connect, type Socket } from "node:net";
import * as assert from "uvu/assert";
import { type ConfigurationInput, TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const LIMIT = 3;

interface Context {
  doorman: TestDoorman | undefined;
  sockets: Socket[];
}

const connections = suite<Context>("connections are limited by address");

connections.before.each((context) => {
  context.sockets = [];
});
connections.after.each(async ({ doorman, sockets }) => {
  for (const socket of sockets) socket.destroy();
  await doorman?.close();
});

connections("one past the limit is closed at once, and the log says so once", async (context) => {
  const doorman = await start(context);
  for (let open = 0; open < LIMIT; open++) assert.is(await knock(context), "200");
  for (let more = 0; more < 2; more++) assert.is(await knock(context), "closed");
  assert.is(doorman.log.match(/connections_per_address/g)?.length, 1 + 1, doorman.log);
});

connections("idle ones of one address do not keep another out", async (context) => {
  await start(context);
  for (let open = 0; open < LIMIT + 2; open++) await dial(context, "127.0.0.1");
  assert.is(await knock(context), "closed");
  assert.is(await knock(context, "127.0.0.2"), "200");
});

connections("one that is closed makes room for another", async (context) => {
  await start(context);
  for (let open = 0; open < LIMIT; open++) assert.is(await knock(context), "200");
  assert.is(await knock(context), "closed");
  const [first] = context.sockets;
  first?.end();
  if (first) await once(first, "close");
  assert.is(await knock(context), "200");
});

connections("a trusted proxy may have any number", async (context) => {
  await start(context, { trusted_proxies: ["127.0.0.0/8"] });
  for (let open = 0; open < LIMIT + 3; open++) assert.is(await knock(context), "200");
});

async function start(context: Context, configuration: ConfigurationInput = {}) {
  context.doorman = await TestDoorman.start({ connections_per_address: LIMIT, ...configuration });
  return context.doorman;
}

/** Asks whether Doorman runs on a connection that stays open; answers the status, or "closed". */
async function knock(context: Context, from = "127.0.0.1"): Promise<string> {
  const socket = await dial(context, from);
  const ended = once(socket, "close").then(() => "closed");
  const answered = once(socket, "data").then(([data]) => String(data).slice(9, 12));
  socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return Promise.race([answered, ended]);
}

async function dial({ doorman, sockets }: Context, localAddress: string): Promise<Socket> {
  const { hostname, port } = new URL(doorman?.url ?? "");
  const socket = connect({ host: hostname, port: Number(port), localAddress });
  sockets.push(socket);
  socket.on("error", () => {});
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  await once(socket, "connect");
  return socket;
}

connections.run();
