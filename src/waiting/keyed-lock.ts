import { PATIENCE_MS, Semaphore } from "./semaphore.js";

/** Lets pieces of work with the same key run one after another, in the order in which they came. */
export class KeyedLock {
  /** Those keys with which something runs. */
  readonly #turns = new Map<string, Semaphore>();

  /**
   * @param task what the work does, for errors: "change the roster of john@example.com"
   * @param signal ends the waiting; work that has begun must heed it by itself
   * @throws NotBegun, TOO_MANY_CALLS when too many wait already
   */
  async run<T>(key: string, task: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(key) ?? new Semaphore(1, PATIENCE_MS);
    this.#turns.set(key, turns);
    try {
      return await turns.run(task, signal, work);
    } finally {
      if (turns.isIdle) this.#turns.delete(key);
    }
  }
}
