import { type Callback, type Context, suite as uvuSuite } from "uvu";

/**
 * Makes a uvu suite that can print what its tests throw. uvu takes an error's `details` for a text, and
 * falls silent at those of a ConnectError, which are a list.
 */
export function suite<T = Context>(name: string) {
  const inner = uvuSuite<T>(name);
  const test = (title: string, body: Callback<T>) => inner(title, printably(body));
  return Object.assign(test, {
    before: hooks(inner.before),
    after: hooks(inner.after),
    skip: inner.skip,
    run: inner.run,
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
