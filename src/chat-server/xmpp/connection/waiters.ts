import { before } from "../../../waiting/before.js";

interface Waiter {
  isDone(): boolean;
  resolve(): void;
  reject(error: Error): void;
}

/** Holds those who wait for something to become true, until it does, its time is over, or it never will. */
export class Waiters {
  readonly #waiters = new Set<Waiter>();
  #failure: Error | undefined;

  /** @param late makes the error for the time-out and the signal */
  async until(
    isDone: () => boolean,
    signal: AbortSignal | undefined,
    timeoutMs: number,
    late: () => Error,
  ): Promise<void> {
    if (isDone()) return;
    if (this.#failure !== undefined) throw this.#failure;
    let waiter: Waiter | undefined;
    const done = new Promise<void>((resolve, reject) => {
      waiter = { isDone, resolve, reject };
      this.#waiters.add(waiter);
    });
    try {
      await before(done, signal, timeoutMs, late);
    } finally {
      if (waiter !== undefined) this.#waiters.delete(waiter);
    }
  }

  /** Lets go those whose wait is over. */
  wake(): void {
    for (const waiter of this.#waiters) if (waiter.isDone()) waiter.resolve();
  }

  /** Fails everybody who waits, now and later. */
  fail(error: Error): void {
    this.#failure = error;
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
