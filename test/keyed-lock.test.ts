import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { codeOfError } from "../src/errors/code-of-error.js";
import { DoormanError } from "../src/errors/doorman-error.js";
import { KeyedLock } from "../src/waiting/keyed-lock.js";
import { NotBegun } from "../src/waiting/not-begun.js";
import { suite } from "./support/suite.js";

const lock = suite("KeyedLock");
const patient = new AbortController().signal;

/** Holds a key until it is released. */
function hold(keys: KeyedLock, key: string): { release(): void; held: Promise<void> } {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { release: () => release(), held: keys.run(key, "hold", patient, () => until) };
}

lock("lets work with one key run one after another, in the order of coming", async () => {
  const keys = new KeyedLock();
  const { release, held } = hold(keys, "john");
  const order: number[] = [];
  const turns = [1, 2, 3].map((turn) =>
    keys.run("john", "count", patient, async () => {
      order.push(turn);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(turn);
    }),
  );
  assert.equal(order, []);
  release();
  await Promise.all([held, ...turns]);
  assert.equal(order, [1, 1, 2, 2, 3, 3]);
});

lock("does not make other keys wait", async () => {
  const keys = new KeyedLock();
  const { release, held } = hold(keys, "john");
  assert.is(await keys.run("marie", "answer", patient, async () => "done"), "done");
  release();
  await held;
});

lock("never begins the work of a caller who leaves the queue", async () => {
  const keys = new KeyedLock();
  const { release, held } = hold(keys, "john");
  const caller = new AbortController();
  let begun = 0;
  const work = async () => {
    begun += 1;
  };
  const left = keys.run("john", "change the roster", caller.signal, work);
  const stayed = keys.run("john", "change the roster", patient, work);
  caller.abort();
  const error = await left.catch((thrown: unknown) => thrown);
  assert.instance(error, NotBegun);
  if (error instanceof NotBegun) assert.is(codeOfError(error), Code.DeadlineExceeded);
  release();
  await Promise.all([held, stayed]);
  assert.is(begun, 1);
});

lock("never begins work for a caller who has gone before", async () => {
  const work = async () => "begun";
  const run = new KeyedLock().run("john", "change the roster", AbortSignal.abort(), work);
  assert.instance(await run.catch((thrown: unknown) => thrown), NotBegun);
});

lock("lets no more wait than there is an end of, and says so at once", async () => {
  const keys = new KeyedLock();
  const { release, held } = hold(keys, "john");
  const caller = new AbortController();
  const waiting = Array.from({ length: 10_000 }, () =>
    keys.run("john", "change the roster", caller.signal, async () => {}).catch(() => {}),
  );
  const error = await keys
    .run("john", "change the roster", patient, async () => {})
    .catch((thrown: unknown) => thrown);
  assert.instance(error, DoormanError);
  if (error instanceof DoormanError) assert.is(codeOfError(error), Code.ResourceExhausted);
  caller.abort();
  release();
  await Promise.all([held, ...waiting]);
  assert.is(await keys.run("john", "answer", patient, async () => "done"), "done");
});

lock("goes on after work that failed", async () => {
  const keys = new KeyedLock();
  const failing = keys.run("john", "fail", patient, async () => {
    throw new Error("on purpose");
  });
  const next = keys.run("john", "answer", patient, async () => "done");
  assert.is(await failing.catch((error: Error) => error.message), "on purpose");
  assert.is(await next, "done");
});

lock.run();
