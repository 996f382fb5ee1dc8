import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../errors/doorman-error.js";
import { Places } from "../limits/places.js";

/** How many may watch at once. Nobody needs a key to watch. */
const LIMITS = { total: 64, perAddress: 8 };
/** How long a watch lasts. Who wants to know more watches again. */
const WATCH_MS = 5 * 60_000;
/** How long a watcher may have to wait for news. */
const TICK_MS = 500;

/** Those who watch whether services are healthy: a limited number, all woken by one timer. */
export class Watchers {
  readonly #places = new Places(LIMITS);
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * Yields at once and then at every tick, until the watcher leaves or the time of a watch is over.
   * @param address of whom no more than a few may watch
   * @throws TOO_MANY_CALLS when too many watch already
   */
  async *ticks(address: string, left: AbortSignal): AsyncGenerator<void> {
    const giveBack = this.#places.take(address);
    if (giveBack === undefined) throw tooManyWatchers();
    try {
      const end = performance.now() + WATCH_MS;
      while (!left.aborted && performance.now() < end) {
        yield;
        await this.#nextTick(left);
      }
    } finally {
      giveBack();
    }
  }

  #nextTick(left: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        left.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      left.addEventListener("abort", wake);
      this.#waiting.add(wake);
      this.#timer ??= setTimeout(() => this.#wakeAll(), TICK_MS);
    });
  }

  #wakeAll(): void {
    this.#timer = undefined;
    for (const wake of this.#waiting) wake();
  }
}

function tooManyWatchers(): DoormanError {
  const { total, perAddress } = LIMITS;
  return new DoormanError(
    ErrorReason.TOO_MANY_CALLS,
    `${total} streams watch already, or ${perAddress} of your address: end one of them, or call Check`,
  );
}
