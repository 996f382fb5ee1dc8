import {
  type CallOptions,
  Code,
  createClient,
  createRouterTransport,
  type Transport,
} from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../gen/health/v1/health_pb.js";
import { healthService } from "../src/health/health-service.js";
import { type ConfigurationInput, TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS, until } from "./support/patience.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const PER_ADDRESS = 8;
const TOTAL = 64;
const FIVE_MINUTES_MS = 300_000;

interface Context {
  doorman: TestDoorman | undefined;
  /** Ends every watch of the test. */
  end: AbortController;
  now: typeof performance.now;
}

const watch = suite<Context>("grpc.health.v1.Health/Watch");

watch.before.each((context) => {
  context.doorman = undefined;
  context.end = new AbortController();
  context.now = performance.now;
});
watch.after.each(async ({ doorman, end, now }) => {
  performance.now = now;
  end.abort();
  await doorman?.close();
});

watch("eight may watch from one address, and a ninth is ResourceExhausted", async (context) => {
  const transport = await start(context);
  for (let count = 0; count < PER_ADDRESS; count++) await join(transport, context.end.signal);
  await rejects(
    join(transport, context.end.signal),
    Code.ResourceExhausted,
    ErrorReason.TOO_MANY_CALLS,
  );
  // Check is for everybody.
  const options = { timeoutMs: PATIENCE_MS };
  const { status } = await createClient(Health, transport).check({}, options);
  assert.is(status, Status.SERVING);
});

watch("a watcher who leaves makes room for another", async (context) => {
  const transport = await start(context);
  const first = new AbortController();
  await join(transport, first.signal);
  for (let count = 1; count < PER_ADDRESS; count++) await join(transport, context.end.signal);
  first.abort();
  const isLetIn = () =>
    join(transport, context.end.signal).then(
      () => true,
      () => false,
    );
  await until(isLetIn, "place for another watcher");
});

watch("sixty-four may watch from all addresses together", async (context) => {
  const transport = await start(context, { trusted_proxies: ["127.0.0.1"] });
  const from = (visitor: number) => ({ "X-Forwarded-For": `192.0.2.${visitor}` });
  for (let count = 0; count < TOTAL; count++) {
    const headers = from(1 + Math.floor(count / PER_ADDRESS));
    await join(transport, context.end.signal, { headers });
  }
  await rejects(
    join(transport, context.end.signal, { headers: from(200) }),
    Code.ResourceExhausted,
    ErrorReason.TOO_MANY_CALLS,
  );
});

watch("a watch ends after five minutes", async (context) => {
  const messages = await join(await start(context), context.end.signal);
  performance.now = () => context.now.call(performance) + FIVE_MINUTES_MS;
  assert.is((await messages.next()).done, true);
});

watch("a watch goes on before five minutes are over", async (context) => {
  let unavailableBecause: string | undefined;
  const messages = await join(
    transportOf(() => unavailableBecause),
    context.end.signal,
  );
  performance.now = () => context.now.call(performance) + FIVE_MINUTES_MS / 2;
  unavailableBecause = "the server was switched off";
  const { value } = await messages.next();
  assert.is(value?.status, Status.NOT_SERVING);
});

watch("all watchers share one timer", async (context) => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const transport = transportOf(() => undefined);
  const before = timers();
  for (let count = 0; count < PER_ADDRESS; count++) {
    const messages = await join(transport, context.end.signal);
    messages.next().catch(() => {});
  }
  assert.is(timers(), before + 1);
});

async function start(context: Context, configuration: ConfigurationInput = {}) {
  context.doorman = await TestDoorman.start(configuration);
  return createGrpcTransport({ baseUrl: context.doorman.url });
}

/** Serves nothing but the health of a chat server, in memory. */
function transportOf(unavailableBecause: () => string | undefined): Transport {
  const chatServer = {
    get unavailableBecause() {
      return unavailableBecause();
    },
  };
  return createRouterTransport(({ service }) => service(Health, healthService(chatServer, [])));
}

/** Begins to watch, and returns what comes after the first message, which says that all is well. */
async function join(transport: Transport, signal: AbortSignal, options: CallOptions = {}) {
  const leave = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const stream = createClient(Health, transport).watch({}, { ...options, signal: leave });
  const messages = stream[Symbol.asyncIterator]();
  const { value } = await messages.next();
  assert.is(value?.status, Status.SERVING);
  return messages;
}

watch.run();
