import { before, noAnswer } from "./deadline.js";

/** The longest that a call waits for those before it. */
const WAIT_MS = 30_000;

/** Lets calls with the same key run one after another, in the order in which they came. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<void>>();

  /** @throws SERVER_NO_ANSWER when its turn does not come in time; `work` has then not begun */
  async run<T>(key: string, task: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const turn = this.#last.get(key) ?? Promise.resolve();
    let done = () => {};
    const mine = new Promise<void>((resolve) => {
      done = resolve;
    });
    const last = turn.then(() => mine);
    this.#last.set(key, last);
    try {
      await before(turn, signal, WAIT_MS, () =>
        noAnswer(task, "earlier changes to the same were still waiting for it"),
      );
      return await work();
    } finally {
      done();
      if (this.#last.get(key) === last) this.#last.delete(key);
    }
  }
}
