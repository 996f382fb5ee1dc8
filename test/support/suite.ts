import { type Callback, type Context, suite as uvuSuite } from "uvu";

/** A part of the names of the cases to run, in lower case; empty: all cases run. */
const CASE = (process.env.DOORMAN_TEST_CASE ?? "").toLowerCase();

/** Whether all cases run, and not only some that the runner was told to run. */
export function runsAllCases(): boolean {
  return CASE === "";
}

/**
 * Makes a uvu suite that runs only the cases that the runner was told to run, and that can print what
 * its tests throw. uvu takes an error's `details` for a text, and prints nothing for those of a
 * ConnectError, which are a list.
 */
export function suite<T = Context>(name: string) {
  const inner = uvuSuite<T>(name);
  let cases = 0;
  const test = (title: string, body: Callback<T>) => {
    if (!title.toLowerCase().includes(CASE)) return;
    cases += 1;
    inner(title, printably(body));
  };
  return Object.assign(test, {
    before: hooks(inner.before),
    after: hooks(inner.after),
    skip: inner.skip,
    run() {
      // Without a case, its hooks would start servers for nothing.
      if (cases > 0 || runsAllCases()) inner.run();
    },
  });
}

function hooks<T>(inner: { (body: Callback<T>): void; each(body: Callback<T>): void }) {
  return Object.assign((body: Callback<T>) => inner(printably(body)), {
    each: (body: Callback<T>) => inner.each(printably(body)),
  });
}

function printably<T>(body: Callback<T>): Callback<T> {
  return async (context) => {
    try {
      await body(context);
    } catch (error) {
      if (!(error instanceof Error) || !("details" in error)) throw error;
      if (error.details === undefined || typeof error.details === "string") throw error;
      const printable = new Error(`${error.name}: ${error.message}`, { cause: error });
      if (error.stack !== undefined) printable.stack = error.stack;
      throw printable;
    }
  };
}
